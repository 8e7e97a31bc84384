// How crowded the domains of the nodes are by soft constraints: the score of PodTopologySpread.
//
// Immutable. Source: pkg/scheduler/framework/plugins/podtopologyspread/scoring.go, v1.36.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/types/span.h"
#include "plugins/defaults/pod_topology_spread/spread_counts.h"
#include "plugins/defaults/pod_topology_spread/spread_terms.h"
#include "scheduler/framework/cycle.h"

namespace heat_scheduler {

// Returns what a constraint weighs among nodes with that many domains.
double SpreadWeight(std::size_t domains);

// Returns how crowded a domain with so many pods is by one constraint.
double Crowding(std::int64_t pods, double weight, std::int64_t max_skew);

// Turns raw scores into points: 100 where it is least crowded if that is not at all, and all the
// others in proportion to the most crowded, in integers; 0 where there is to be no point.
void NormalizeSpread(absl::Span<const std::uint8_t> without_points,
                     absl::Span<std::int64_t> scores);

class SpreadScore final : public PluginState {
 public:
  // Counts the pods of all nodes in the domains of `nodes`, which are to be scored. With
  // `require_all_keys`, nodes that lack a key count nowhere and have no points; else a key that is
  // missing counts as the empty value.
  SpreadScore(SpreadTerms terms, const ClusterState& cluster, NodeSpan nodes,
              bool require_all_keys);

  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<SpreadScore>(*this);
  }

  // Returns how crowded it is around one of the nodes: 0 or more, less is better; 0 for a node
  // without points.
  std::int64_t Raw(NodeId node, const ClusterState& cluster) const;

  // Turns raw scores into points, by NormalizeSpread.
  void Normalize(NodeSpan nodes, absl::Span<std::int64_t> scores) const;

 private:
  void FindDomains(const ClusterState& cluster, NodeSpan nodes, bool require_all_keys);
  void CountPods(const ClusterState& cluster, bool require_all_keys);

  SpreadTerms terms_;
  absl::flat_hash_set<NodeId> without_points_;
  std::vector<PodsByDomain> pods_;  // By constraint; those over hostnames have none here.
  std::vector<double> weights_;     // By constraint.
};

}  // namespace heat_scheduler
