// How long to wait before the next try: 0.8 s, doubled up to 30 s, each between once and twice
// that.
//
// The numbers are client-go's for reflectors (tools/cache/reflector.go: initial 800 ms, factor 2,
// cap 30 s, jitter 1, reset after 2 min). Thread-compatible.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "base/random.h"

namespace heat_scheduler::kube {

struct BackoffOptions {
  absl::Duration initial = absl::Milliseconds(800);
  absl::Duration max = absl::Seconds(30);
  // Starts again from `initial` when so long has passed since the last wait began.
  absl::Duration reset_after = absl::Minutes(2);
};

class Backoff {
 public:
  // `random` is borrowed; it draws the jitter.
  explicit Backoff(Random& random, BackoffOptions options = {})
      : random_(random), options_(options) {}

  // Returns the wait that begins at `now` (monotonic), and counts it as begun.
  absl::Duration Next(absl::Duration now);

 private:
  Random& random_;
  const BackoffOptions options_;
  absl::Duration base_ = absl::ZeroDuration();
  std::optional<absl::Duration> last_start_;
};

}  // namespace heat_scheduler::kube
