#include <algorithm>
#include <vector>

#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

std::string RankingSetFilterPlugin::FilterSet(const Cycle& cycle, NodeSpan nodes,
                                              absl::Span<std::uint8_t> keep) const {
  std::vector<double> ranks(nodes.size());
  Rank(cycle, nodes, absl::MakeSpan(ranks));
  // Zero has one form.
  for (double& rank : ranks) rank += 0.0;
  const auto first = std::min_element(ranks.begin(), ranks.end());
  Ranking ranking;
  ranking.nodes = nodes.size();
  ranking.first = nodes[static_cast<std::size_t>(first - ranks.begin())];
  ranking.rank = *first;
  ranking.equals = static_cast<std::size_t>(std::count(first, ranks.end(), *first));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (ranking.equals > 1) break;
    if (ranks[i] == ranking.rank) continue;
    if (ranking.next != kNoNode && !(ranks[i] < ranking.next_rank)) continue;
    ranking.next = nodes[i];
    ranking.next_rank = ranks[i];
  }
  std::fill(keep.begin(), keep.end(), std::uint8_t{0});
  keep[static_cast<std::size_t>(first - ranks.begin())] = 1;
  return Explain(cycle, ranking);
}

}  // namespace heat_scheduler
