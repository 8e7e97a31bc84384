// Answers a kube-scheduler that calls heat-scheduler as its extender.
//
// POST "<anything>/<verb>" (route.h). What cannot be read is 400; what can, but not decided, is 200
// with the field Error, or 500 where the answer has no such field (prioritize, preempt): its caller
// goes on without us then. bind and preempt are switched off unless the options say otherwise. GET
// of /healthz, /livez and /readyz is answered "ok"; any other method is 405. One request is decided
// in each turn of the loop, so that others are read meanwhile; the rest waits in line, in order of
// arrival. Where too much waits, and for who has waited so long that the caller has given up or is
// about to, the answer is 503: no line grows without end. Requests whose callers have gone are
// dropped. One thread: the loop's.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "extender/arguments.h"
#include "extender/binder.h"
#include "extender/decider.h"
#include "extender/profiles.h"
#include "extender/report.h"
#include "extender/route.h"
#include "kube/codec.h"
#include "net/event_loop.h"
#include "net/http_handler.h"

namespace heat_scheduler {

struct ExtenderOptions {
  WatchedCluster live = {};          // Without one, requests have to carry their nodes.
  ExtenderBinder* binder = nullptr;  // Null: bind is switched off.
  bool preempt = false;              // Only with a live cluster.
  std::size_t max_waiting = 64;
  std::size_t max_waiting_bytes = std::size_t{256} << 20;
  // kube-scheduler's own limit, for all of a call, is 5 seconds.
  absl::Duration max_wait = absl::Seconds(4);
  std::function<void(const ExtenderReport& report)> on_answer = {};  // May be empty.
};

class ExtenderHandler final : public net::HttpHandler {
 public:
  // Borrows loop and decoder, and what the options point to.
  ExtenderHandler(net::EventLoop& loop, kube::Decoder& decoder, ExtenderProfiles profiles,
                  ExtenderOptions options);
  ~ExtenderHandler() override;
  ExtenderHandler(const ExtenderHandler&) = delete;
  ExtenderHandler& operator=(const ExtenderHandler&) = delete;

  void Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) override;

 private:
  struct Waiting {
    net::HttpRequest request;
    std::shared_ptr<net::ResponseSink> sink;
    absl::Duration since;
    std::shared_ptr<bool> gone;
  };

  void StandInLine(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink);
  void TakeTurn();
  void OnTurn();
  void Answer(const net::HttpRequest& request, const std::shared_ptr<net::ResponseSink>& sink);
  void Bind(const std::string& body, ExtenderReport report, absl::Duration began,
            const std::shared_ptr<net::ResponseSink>& sink);
  net::HttpResponse Decide(const std::string& body, const ExtenderRoute& route,
                           ExtenderReport& report);
  void Finish(net::HttpResponse response, ExtenderReport report, absl::Duration began,
              net::ResponseSink& sink);

  net::EventLoop& loop_;
  const ExtenderProfiles profiles_;
  const ExtenderOptions options_;
  ArgumentsReader reader_;
  Decider decider_;
  net::TimerId turn_ = 0;  // Set: this turn of the loop has had its request.
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace heat_scheduler
