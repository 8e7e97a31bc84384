#include "kube/client/backoff.h"

#include <algorithm>

namespace heat_scheduler::kube {

absl::Duration Backoff::Next(absl::Duration now) {
  const bool fresh = !last_start_.has_value() || now - *last_start_ >= options_.reset_after;
  base_ = fresh ? options_.initial : std::min(base_ * 2, options_.max);
  last_start_ = now;
  return base_ * (1 + random_.Unit());
}

}  // namespace heat_scheduler::kube
