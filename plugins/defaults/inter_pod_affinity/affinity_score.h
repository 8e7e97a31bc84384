// How InterPodAffinity turns weights into points.
//
// Pure function. Source: pkg/scheduler/framework/plugins/interpodaffinity/scoring.go, v1.36.
#pragma once

#include <cstdint>

#include "absl/types/span.h"

namespace heat_scheduler {

// Scales the weights so that the least becomes 0 and the greatest 100, rounding down; all become 0
// where they are equal. There is at least one.
void NormalizeAffinity(absl::Span<std::int64_t> weights);

}  // namespace heat_scheduler
