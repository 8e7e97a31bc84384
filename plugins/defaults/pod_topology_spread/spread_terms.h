// The topology spread constraints of a cycle's pod, ready to be counted for.
//
// They say which pods are counted, by which topology key, on which nodes; the counts themselves are
// in spread_counts.h and in the score. Constraints with equal selectors share one, so that pods are
// matched once. Source: pkg/scheduler/framework/plugins/podtopologyspread/common.go and
// plugins/helper/spread.go (DefaultSelector), v1.36.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/objects.h"
#include "plugins/defaults/pod_topology_spread/spread_args.h"
#include "plugins/defaults/required_node_affinity.h"
#include "scheduler/framework/cycle.h"
#include "scheduler/framework/verdict.h"

namespace heat_scheduler {

struct SpreadConstraint {
  std::int64_t max_skew;
  std::string topology_key;
  std::int64_t min_domains;
  bool honor_node_affinity;
  bool honor_node_taints;
  std::size_t selector;  // Of SpreadTerms.
  bool matches_itself;   // The selector matches the cycle's pod.

  // Kept apart, for each node is a domain of its own.
  bool is_hostname() const { return topology_key == "kubernetes.io/hostname"; }
};

// Why a node is refused.
enum class SpreadMisfit : std::uint64_t { kSkew, kMissingLabel };

// Returns the verdict that says so; the misfit is its detail.
inline Verdict VerdictOf(SpreadMisfit misfit) {
  return {
      misfit == SpreadMisfit::kSkew ? Code::kUnschedulable : Code::kUnschedulableAndUnresolvable,
      static_cast<std::uint64_t>(misfit)};
}

class SpreadTerms {
 public:
  // Returns the hard constraints (DoNotSchedule) of the cycle's pod, or those of the arguments if
  // it has no constraints at all.
  static SpreadTerms Hard(const PodTopologySpreadArgs& args, const Cycle& cycle);
  // Returns the soft ones (ScheduleAnyway), likewise.
  static SpreadTerms Soft(const PodTopologySpreadArgs& args, const Cycle& cycle);

  const std::vector<SpreadConstraint>& constraints() const { return constraints_; }
  std::size_t selector_count() const { return selectors_.size(); }

  // Returns true if the node has the topology keys of all constraints.
  bool HasAllKeys(const kube::Node& node) const;

  // Returns true if pods on the node count for the constraint, by its policies on the node affinity
  // and on the taints that the pod itself goes by.
  bool Includes(const SpreadConstraint& constraint, const kube::Node& node) const;

  // Returns true if the pod is in the namespace of the cycle's pod and matches that selector.
  bool Matches(std::size_t selector, const kube::Pod& pod) const;

  // Returns true if the selector matches the pod and is none that matches everything: that counts
  // none, as in kube-scheduler.
  bool Selects(std::size_t selector, const kube::Pod& pod) const;

  // Returns how many of a node's pods are selected and not about to go.
  std::int64_t Count(std::size_t selector, const std::vector<const PodRecord*>& pods) const;

 private:
  explicit SpreadTerms(const Cycle& cycle);

  static SpreadTerms Of(bool soft, const PodTopologySpreadArgs& args, const Cycle& cycle);
  void AddOwn(bool soft);
  void AddDefaults(bool soft, const PodTopologySpreadArgs& args, const Cycle& cycle);
  void Add(const kube::TopologySpreadConstraint& constraint,
           std::optional<kube::LabelSelector> selector);

  const PodRecord* pod_;
  RequiredNodeAffinity required_;
  std::vector<std::optional<kube::LabelSelector>> selectors_;  // Absent: matches nothing.
  std::vector<SpreadConstraint> constraints_;
};

}  // namespace heat_scheduler
