#include "plugins/defaults/default_preemption/choice.h"

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace heat_scheduler {
namespace {

// What is compared, in this order; less is better.
using Rank = std::tuple<std::size_t, std::int64_t, std::int64_t, std::size_t, absl::Duration>;

Rank RankOf(const PreemptionCost& cost, absl::Time now) {
  // A pod that has not started starts now.
  const absl::Time first =
      cost.one_not_started ? std::min(cost.first_started, now) : cost.first_started;
  return {cost.pdb_violations, cost.highest_priority, cost.priorities, cost.victims,
          absl::UnixEpoch() - first};
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

std::vector<std::size_t> BestOf(const std::vector<PreemptionCost>& costs, absl::Time now) {
  std::vector<std::size_t> best;
  Rank least;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const Rank rank = RankOf(costs[i], now);
    if (best.empty() || rank < least) {
      best.clear();
      least = rank;
    }
    if (rank == least) best.push_back(i);
  }
  return best;
}

}  // namespace heat_scheduler
