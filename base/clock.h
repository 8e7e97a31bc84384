// Time, as it is handed to those who may not look at a clock themselves.
//
// Everything below the drivers takes an Instant as an argument. Timeouts, back-off and leases use
// `mono` alone; `wall` is for what the outside world dated: readings, timestamps of objects,
// events.
#pragma once

#include "absl/time/time.h"

namespace heat_scheduler {

// One moment, on both clocks.
struct Instant {
  absl::Time wall;      // Calendar time; may jump in either direction.
  absl::Duration mono;  // Since an unspecified origin; never goes back.
};

// Says what time it is. Implementations may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() const = 0;
};

// The machine's own clocks (CLOCK_REALTIME, CLOCK_MONOTONIC). Thread-safe.
class SystemClock final : public Clock {
 public:
  Instant Now() const override;
};

}  // namespace heat_scheduler
