// One thread's timers and deferred calls. An interface, so that tests run the drivers under virtual
// time; net/asio_loop.h has the real one.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/time/time.h"
#include "base/clock.h"

namespace heat_scheduler::net {

// Names a timer; 0 names none.
using TimerId = std::uint64_t;

// Callbacks run one after the other on the loop's thread, never inside the call that asked for
// them. Equal times run in the order in which they were asked for. Only Post may be called from
// other threads.
class EventLoop : public Clock {
 public:
  // Calls `callback` once `delay` of monotonic time has passed.
  virtual TimerId RunAfter(absl::Duration delay, std::function<void()> callback) = 0;

  // Forgets a timer. Unknown, past and zero ids are ignored.
  virtual void Cancel(TimerId id) = 0;

  // Calls `callback` soon. From any thread.
  virtual void Post(std::function<void()> callback) = 0;
};

}  // namespace heat_scheduler::net
