// An embedded Kubernetes API server in memory: requests in, responses and watch streams out.
//
// A pure net::HttpHandler: no socket, no thread, time from the loop alone, so that `heat-cluster`
// serves it on a port and tests run it under virtual time. What it serves is the table of
// cluster/kinds.h; docs/tools/heat-cluster.md says what it does not do. Whoever can reach it may do
// everything: there is no authentication. All calls on the loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "cluster/registry.h"
#include "cluster/request.h"
#include "cluster/store.h"
#include "cluster/view.h"
#include "cluster/watch_hub.h"
#include "net/event_loop.h"
#include "net/http_handler.h"

namespace heat_scheduler::cluster {

struct ApiServerOptions {
  StoreOptions store = {};
  WatchLimits watch = {};
  std::size_t max_body_bytes = 3 * 1024 * 1024;  // As kube-apiserver; beyond it 413.
  std::string token = {};  // The one that a TokenReview knows; it is asked of nobody.
};

class ApiServer final : public net::HttpHandler {
 public:
  // `loop` must outlive the server.
  ApiServer(net::EventLoop& loop, ApiServerOptions options);

  void Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) override;

  // What it serves, for those in the same process: observers, fake kubelets, manifests, tests.
  Store& store() { return store_; }
  Registry& registry() { return registry_; }

  // Ends every watch, as a server that restarts.
  void CloseWatches() { watches_.CloseAll(); }
  // Number of watches under way.
  std::size_t watch_count() const { return watches_.size(); }

 private:
  // A response, or nothing if the request was answered as a stream.
  using Answer = std::optional<net::HttpResponse>;

  Outcome<Answer> Dispatch(const net::HttpRequest& http,
                           const std::shared_ptr<net::ResponseSink>& sink);
  Outcome<Answer> HandleOther(const ApiRequest& request);
  Outcome<Answer> HandleCollection(const ApiRequest& request,
                                   const std::shared_ptr<net::ResponseSink>& sink);
  Outcome<Answer> HandleObject(const ApiRequest& request,
                               const std::shared_ptr<net::ResponseSink>& sink);
  Outcome<Answer> HandleSubresource(const ApiRequest& request);
  Outcome<Answer> Read(const ApiRequest& request);
  Outcome<Answer> StartWatch(const ApiRequest& request,
                             const std::shared_ptr<net::ResponseSink>& sink);
  Outcome<Answer> List(const ApiRequest& request);
  Outcome<Answer> Create(const ApiRequest& request);
  Outcome<Answer> Update(const ApiRequest& request, Part part);
  Outcome<Answer> Patch(const ApiRequest& request, Part part);
  Outcome<Answer> Delete(const ApiRequest& request);
  Outcome<Answer> DeleteCollection(const ApiRequest& request);
  Outcome<Answer> Bind(const ApiRequest& request);
  Outcome<Answer> Evict(const ApiRequest& request);
  Outcome<Answer> HandleScale(const ApiRequest& request);

  net::EventLoop& loop_;
  const ApiServerOptions options_;
  Store store_;
  Registry registry_;
  WatchHub watches_;
};

}  // namespace heat_scheduler::cluster
