// What PodTopologySpread keeps of the cluster for pods of one class and traits: how many like pods
// are in which domain.
//
// A node's features are, for each hard constraint and then for each soft one, what its count
// follows from (domain_sums.h); for a soft one over hostnames the number of like pods on the node.
// Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "plugins/defaults/domain_sums.h"
#include "plugins/defaults/found_by_pod.h"
#include "plugins/defaults/pod_topology_spread/spread_terms.h"
#include "scheduler/framework/grouping.h"

namespace heat_scheduler {

class SpreadMemory final : public GroupMemory {
 public:
  // With `require_all_keys` nodes that lack a key of a soft constraint count nowhere and have no
  // points (SpreadScore). `by_owners`: the pod that outlives this, if its constraints are those of
  // the arguments, for the pods that its owners select; else null.
  SpreadMemory(SpreadTerms hard, SpreadTerms soft, const ClusterState& cluster,
               bool require_all_keys, const kube::Pod* by_owners);

  bool Update(const ClusterState& cluster, NodeSpan rows) override;
  std::size_t feature_count() const override { return hard_.sums.size() + soft_.sums.size(); }
  void Features(NodeId node, absl::Span<std::uint64_t> features) const override;
  Inputs feature_inputs() const override;
  bool FilterSkips() const override { return hard_.sums.empty(); }
  void Filter(absl::Span<const NodeGroup> groups, absl::Span<Verdict> verdicts) const override;
  bool Score(const ClusterState& cluster, absl::Span<const NodeGroup> groups,
             absl::Span<std::int64_t> scores) const override;
  std::size_t bytes() const override;

 private:
  struct Side {
    Side(SpreadTerms its_terms, const ClusterState& cluster, DomainSums::Asked asked);

    SpreadTerms terms;
    std::vector<DomainSums> sums;         // By constraint.
    FoundByPod<std::uint64_t> selecting;  // The selectors that select a pod, as bits.
    std::vector<std::int64_t> matching;   // Of one row, by selector.
  };

  bool OwnersHold(const ClusterState& cluster);
  static void Count(const std::vector<const PodRecord*>& pods, Side& side);
  void UpdateHard(const ClusterState& cluster, NodeId row);
  void UpdateSoft(const ClusterState& cluster, NodeId row);
  Verdict Judge(const std::uint64_t* features) const;
  bool HasPoints(const std::uint64_t* features) const;
  double WeightOf(std::size_t constraint, absl::Span<const NodeGroup> groups) const;

  Side hard_;
  Side soft_;
  const bool require_all_keys_;
  const kube::Pod* const by_owners_;
  kube::LabelSelector selector_of_owners_;
  std::uint64_t owners_seen_;  // ObjectsVersion of those that it is of.
  // By soft constraint, and for those over hostnames by row: the like pods there.
  std::vector<std::vector<std::int64_t>> on_node_;
};

}  // namespace heat_scheduler
