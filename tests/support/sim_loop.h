// An event loop under virtual time: nothing waits, and equal runs are equal to the last call.
//
// Callbacks run in the order of (time due, order asked for). Time moves only when a callback is
// taken or a test says so. One thread: unlike the real loop, Post may not be called from others.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "net/event_loop.h"

namespace heat_scheduler {

class SimLoop final : public net::EventLoop {
 public:
  // Starts at monotonic time 0 and 2026-01-01T00:00:00Z by the wall clock.
  SimLoop();

  Instant Now() const override;
  net::TimerId RunAfter(absl::Duration delay, std::function<void()> callback) override;
  void Cancel(net::TimerId id) override;
  void Post(std::function<void()> callback) override;

  // Moves time to the next callback and runs it. Returns false if there is none.
  bool Step();

  // Runs all that falls due within `duration`, its end included, and leaves time there.
  void RunFor(absl::Duration duration);

  // Runs callbacks until `predicate` holds, which is looked at first and after each of them.
  // Returns false, with time moved to that moment, if it does not hold within `max`.
  bool RunUntil(const std::function<bool()>& predicate, absl::Duration max);

  // Moves time without running anything, as for a process that was stopped: what fell due in
  // between runs late.
  void Advance(absl::Duration duration);

  // Moves the wall clock alone, in either direction.
  void JumpWall(absl::Duration by) { wall_origin_ += by; }

  // Returns how many callbacks wait.
  std::size_t pending() const { return queue_.size(); }

 private:
  using Due = std::pair<absl::Duration, net::TimerId>;

  absl::Time wall_origin_;  // The wall clock's reading at mono_ = 0.
  absl::Duration mono_ = absl::ZeroDuration();
  net::TimerId last_id_ = 0;
  std::map<Due, std::function<void()>> queue_;
  absl::flat_hash_map<net::TimerId, absl::Duration> due_by_id_;
};

}  // namespace heat_scheduler
