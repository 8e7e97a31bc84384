#include "plugins/defaults/inter_pod_affinity/affinity_score.h"

#include <algorithm>

#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

void NormalizeAffinity(absl::Span<std::int64_t> weights) {
  const auto [least, greatest] = std::minmax_element(weights.begin(), weights.end());
  const std::int64_t from = *least;
  const auto range = static_cast<double>(*greatest - from);
  for (std::int64_t& weight : weights) {
    // In this order, as kube-scheduler: a product first would round elsewhere.
    const double share = range > 0 ? static_cast<double>(weight - from) / range : 0;
    weight = static_cast<std::int64_t>(static_cast<double>(kMaxNodeScore) * share);
  }
}

}  // namespace heat_scheduler
