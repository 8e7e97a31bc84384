// What InterPodAffinity keeps of the cluster for pods of one class and traits: in which domains the
// terms of these pods, and those of the pods that are there, find whom they look for.
//
// For each topology key and each use of it there are sums by domain (domain_sums.h), and a node's
// features are what its sums follow from. A topology key that terms of other pods bring in later
// makes the memory start anew. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "plugins/defaults/domain_sums.h"
#include "plugins/defaults/found_by_pod.h"
#include "plugins/defaults/inter_pod_affinity/affinity_terms.h"
#include "plugins/defaults/inter_pod_affinity/inter_pod_affinity_args.h"
#include "scheduler/framework/grouping.h"

namespace heat_scheduler {

class AffinityMemory final : public GroupMemory {
 public:
  // The record outlives this.
  AffinityMemory(const PodRecord& pod, const ClusterState& cluster,
                 const InterPodAffinityArgs& args);

  bool Update(const ClusterState& cluster, NodeSpan rows) override;
  std::size_t feature_count() const override { return tables_.size(); }
  void Features(NodeId node, absl::Span<std::uint64_t> features) const override;
  Inputs feature_inputs() const override;
  bool FilterSkips() const override;
  void Filter(absl::Span<const NodeGroup> groups, absl::Span<Verdict> verdicts) const override;
  bool Score(const ClusterState& cluster, absl::Span<const NodeGroup> groups,
             absl::Span<std::int64_t> scores) const override;
  std::size_t bytes() const override;

 private:
  enum class Use {
    kAffinity,              // Pods that match all required terms.
    kAntiAffinity,          // Pods that match a required anti-affinity term.
    kAntiAffinityOfOthers,  // Required anti-affinity terms of pods that match these pods.
    kScore,                 // Weights of preferences, in both directions.
  };
  struct Table {
    Use use;
    DomainSums sums;
  };
  // What a pod adds to the domain of its node in one table.
  struct Share {
    std::size_t table;
    std::int64_t amount;
  };
  using Shares = std::vector<Share>;

  std::size_t TableOf(Use use, std::string_view topology_key, const ClusterState& cluster);
  Shares SharesOfMatches(const PodRecord& other, const ClusterState& cluster);
  Shares SharesOfTerms(const PodRecord& other, const Cycle& cycle);
  void UpdateRow(const ClusterState& cluster, const Cycle& cycle, NodeId row);
  void AddShares(const Shares& shares);
  Verdict Judge(const std::uint64_t* features, bool no_affinity_met) const;

  const PodRecord& pod_;
  const InterPodAffinityArgs args_;
  const std::vector<AffinityTerm> affinity_;
  const std::vector<AffinityTerm> anti_affinity_;
  const std::vector<Preference> preferences_;
  const bool first_of_group_;  // The pod satisfies its own affinity.

  bool complete_ = false;  // All rows were seen once; tables are fixed.
  // Terms were resolved, by namespaces as they were at that ObjectsVersion.
  bool any_terms_;
  std::uint64_t namespaces_seen_;
  std::vector<Table> tables_;
  FoundByPod<Shares> matches_;              // By the terms of these pods.
  FoundByPod<Shares> terms_;                // By its own terms.
  std::vector<std::int64_t> amounts_;       // Of one row, by table.
  std::vector<std::uint32_t> touches_;      // Of one row, by table: how often something was added.
  std::vector<std::uint32_t> row_touches_;  // By row: additions to scores in domains that it is in.
  std::uint64_t score_touches_ = 0;         // Of all rows.
};

}  // namespace heat_scheduler
