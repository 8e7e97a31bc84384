#include "plugins/defaults/default_preemption/choice.h"

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "plugins/defaults/default_preemption/victims.h"

namespace heat_scheduler {
namespace {

// What is compared, in this order; less is better.
using Cost = std::tuple<std::size_t, std::int64_t, std::int64_t, std::size_t, absl::Duration>;

Cost CostOf(const PreemptionCandidate& candidate, absl::Time now) {
  const std::int32_t highest = candidate.victims.front()->facts.priority;
  std::int64_t sum = 0;
  absl::Time earliest = absl::InfiniteFuture();
  for (const PodRecord* victim : candidate.victims) {
    sum += std::int64_t{victim->facts.priority} + (std::int64_t{1} << 31);
    if (victim->facts.priority == highest) earliest = std::min(earliest, StartTime(*victim, now));
  }
  return {candidate.pdb_violations, highest, sum, candidate.victims.size(),
          absl::UnixEpoch() - earliest};
}

}  // namespace

std::vector<std::size_t> BestCandidates(const std::vector<PreemptionCandidate>& candidates,
                                        absl::Time now) {
  std::vector<Cost> costs;
  for (const PreemptionCandidate& candidate : candidates) costs.push_back(CostOf(candidate, now));
  const Cost least = *std::min_element(costs.begin(), costs.end());
  std::vector<std::size_t> best;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    if (costs[i] == least) best.push_back(i);
  }
  return best;
}

}  // namespace heat_scheduler
