// Whether this process may change the cluster at this very moment, by its own monotonic clock.
//
// The lease's renewals move a deadline on; every write is asked about just before it goes out
// (RequesterOptions::write_gate). A process that was stopped for longer than the deadline finds it
// past when it runs again, whatever it still had to do, and nothing goes out until the lease was
// renewed. Nobody's clock but this machine's counts. One thread.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"

namespace heat_scheduler {

class Leadership {
 public:
  // Not held at first. Borrows the clock.
  explicit Leadership(const Clock& clock) : clock_(clock) {}

  // Returns OK while it is held, else Unavailable and why.
  absl::Status Check() const;
  bool held() const { return clock_.Now().mono < until_; }

  // It is held until this moment (monotonic), which may be past already.
  void HoldUntil(absl::Duration until) { until_ = until; }
  // It is not held from now on, until it is held anew.
  void GiveUp() { until_ = -absl::InfiniteDuration(); }

 private:
  const Clock& clock_;
  absl::Duration until_ = -absl::InfiniteDuration();
};

}  // namespace heat_scheduler
