// A process that can be stopped and continued, as by SIGSTOP and SIGCONT: a loop and a wire between
// a program under test and the simulated ones, which go on meanwhile.
//
// While it is stopped its timers and answers wait; what it sent before is on its way. Continued, it
// finds the time gone and everything due at once, in the order in which it fell due. Its wall clock
// can be wrong on its own. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "net/event_loop.h"
#include "net/http_transport.h"

namespace heat_scheduler {

class PausableLoop final : public net::EventLoop {
 public:
  // Borrows the loop that goes on.
  explicit PausableLoop(net::EventLoop& world) : world_(world) {}
  ~PausableLoop() override;

  Instant Now() const override;
  net::TimerId RunAfter(absl::Duration delay, std::function<void()> callback) override;
  void Cancel(net::TimerId id) override;
  void Post(std::function<void()> callback) override;

  void Pause() { paused_ = true; }
  void Resume();
  bool paused() const { return paused_; }

  // Adds this to the wall clock, from now on.
  void SkewWall(absl::Duration by) { wall_skew_ += by; }

 private:
  void Arm(net::TimerId id, absl::Duration delay);

  struct Timer {
    net::TimerId in_world = 0;
    std::function<void()> callback;
  };

  net::EventLoop& world_;
  bool paused_ = false;
  absl::Duration wall_skew_ = absl::ZeroDuration();
  net::TimerId last_id_ = 0;
  std::map<net::TimerId, Timer> timers_;
  std::vector<net::TimerId> held_;  // Fell due meanwhile.
};

class PausableTransport final : public net::HttpTransport {
 public:
  // Borrows both; `network` is of the loop that goes on.
  PausableTransport(PausableLoop& process, net::HttpTransport& network)
      : process_(process), network_(network) {}
  ~PausableTransport() override;

  net::RequestId Send(net::HttpRequest request, net::RequestOptions options, Done done) override;
  net::RequestId Stream(net::HttpRequest request, net::StreamOptions options,
                        net::StreamHandlers handlers) override;
  void Cancel(net::RequestId id) override;

 private:
  // Calls now, or when the process runs again, unless the request is cancelled by then.
  void Deliver(net::RequestId id, std::function<void()> callback);

  PausableLoop& process_;
  net::HttpTransport& network_;
  net::RequestId last_id_ = 0;
  std::map<net::RequestId, net::RequestId> in_network_;
  const std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace heat_scheduler
