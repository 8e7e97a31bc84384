// The event loop of the real program: one thread, Boost.Asio's reactor, the machine's clocks.
//
// One AsioLoop is one thread's: all calls but Post and Stop come from the thread that runs it. What
// was given a loop (servers, clients) is destroyed before it. Creating one makes the process
// ignore SIGPIPE: a peer that goes away is an error code, not the end of the program.
#pragma once

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "base/clock.h"
#include "net/event_loop.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace heat_scheduler::net {

class AsioLoop final : public EventLoop {
 public:
  AsioLoop();
  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;
  ~AsioLoop() override;

  Instant Now() const override;
  TimerId RunAfter(absl::Duration delay, std::function<void()> callback) override;
  void Cancel(TimerId id) override;
  void Post(std::function<void()> callback) override;

  // Runs callbacks until Stop is called. Can be called again after it.
  void Run();

  // Makes Run return after the callback that is running. From any thread.
  void Stop();

  // Runs callbacks until `done` returns true or `limit` has passed; returns what `done` says then.
  // `done` is asked before the first callback and after each one.
  bool RunUntil(const std::function<bool()>& done, absl::Duration limit);

  // Calls `callback` with the signal's number at each SIGINT, SIGTERM and SIGHUP, in place of their
  // default of ending the process. Replaces an earlier callback.
  void OnSignal(std::function<void(int signal)> callback);

  // The reactor, for the sockets of net/.
  boost::asio::io_context& context();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace heat_scheduler::net
