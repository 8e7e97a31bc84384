// The embedded API server behind a bad network and with bad days of its own: the faults that
// strike single requests and single watches.
//
// As a FaultPolicy it decides what the simulated network does to a request; as an HttpHandler it
// stands before the server and answers in its place, delays it, or repeats its events. All of it
// stays within what the Kubernetes API allows. One thread: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "cluster/api_server.h"
#include "net/event_loop.h"
#include "net/http_handler.h"
#include "tests/faults/faults.h"
#include "tests/support/sim_network.h"

namespace heat_scheduler {

class FaultyApi final : public net::HttpHandler, public FaultPolicy {
 public:
  // Borrows all three. Lists are served in pages of `page_size`, as a server may.
  FaultyApi(net::EventLoop& loop, cluster::ApiServer& server, Faults& faults, int page_size);

  FaultPlan OnRequest(const net::HttpRequest& request) override;
  void Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) override;

 private:
  FaultPlan PlanWatch();
  // Returns true if the request was answered in the server's place.
  bool Refuse(const net::HttpRequest& request, net::ResponseSink& sink);
  bool RefuseWatch(net::ResponseSink& sink);
  bool RefuseBind(const std::string& target, net::ResponseSink& sink);
  void Forward(net::HttpRequest request, std::shared_ptr<net::ResponseSink> sink);

  net::EventLoop& loop_;
  cluster::ApiServer& server_;
  Faults& faults_;
  const int page_size_;
  // Bindings that are, or were, carried out late. Trouble comes in company: what is sent after them
  // is often refused.
  std::set<std::string> late_;
};

// Returns true for the target of a watch.
bool IsWatch(const std::string& target);
// Returns true for the target of a pod's binding.
bool IsBinding(const std::string& target);

}  // namespace heat_scheduler
