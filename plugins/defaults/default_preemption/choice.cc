#include "plugins/defaults/default_preemption/choice.h"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <tuple>

namespace heat_scheduler {
namespace {

// What is compared first, in this order; less is better.
auto RankOf(const PreemptionCost& cost) {
  return std::tie(cost.pdb_violations, cost.highest_priority, cost.priorities, cost.victims);
}

// Returns when the first of the most important victims started: a pod that has not starts now.
absl::Time FirstStart(const PreemptionCost& cost, absl::Time now) {
  return cost.one_not_started ? std::min(cost.first_started, now) : cost.first_started;
}

}  // namespace

PreemptionCost CostOf(const PreemptionCandidate& candidate) {
  PreemptionCost cost;
  cost.pdb_violations = candidate.pdb_violations;
  cost.highest_priority = candidate.victims.front()->facts.priority;
  cost.victims = candidate.victims.size();
  for (const PodRecord* victim : candidate.victims) {
    cost.priorities += std::int64_t{victim->facts.priority} + (std::int64_t{1} << 31);
    if (victim->facts.priority != cost.highest_priority) continue;
    const auto& started = victim->pod->status.start_time;
    if (started.has_value()) {
      cost.first_started = std::min(cost.first_started, *started);
    } else {
      cost.one_not_started = true;
    }
  }
  return cost;
}

std::vector<std::size_t> BestOf(const std::vector<const PreemptionCost*>& costs, absl::Time now) {
  std::vector<std::size_t> best;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    if (!best.empty()) {
      const PreemptionCost& least = *costs[best.front()];
      const auto by_rank = RankOf(*costs[i]) <=> RankOf(least);
      if (by_rank > 0) continue;
      const absl::Time start = FirstStart(*costs[i], now);
      const absl::Time best_start = FirstStart(least, now);
      if (by_rank == 0 && start < best_start) continue;
      if (by_rank < 0 || start > best_start) best.clear();
    }
    best.push_back(i);
  }
  return best;
}

}  // namespace heat_scheduler
