#include "base/clock.h"

#include <ctime>

namespace heat_scheduler {

Instant SystemClock::Now() const {
  timespec mono{};
  clock_gettime(CLOCK_MONOTONIC, &mono);
  timespec wall{};
  clock_gettime(CLOCK_REALTIME, &wall);
  return {absl::TimeFromTimespec(wall), absl::DurationFromTimespec(mono)};
}

}  // namespace heat_scheduler
