// PodTopologySpread spreads like pods over domains: the nodes with one value of a topology key.
//
// Like pods are those in the pod's namespace that a constraint's selector matches. Filter, for
// constraints with whenUnsatisfiable DoNotSchedule: with the pod, its domain must not have more
// than maxSkew pods above the domain with the least; with fewer than minDomains domains the least
// counts as 0. Nodes that lack a key of any of these constraints are refused and count nowhere;
// which others count is up to nodeAffinityPolicy and nodeTaintsPolicy. Pods that are being deleted
// do not count. Skipped in PreFilter without such constraints.
//
// Score, for constraints with ScheduleAnyway: the number of pods in the node's domain times the
// logarithm of two more than the number of domains, plus maxSkew - 1, summed and rounded; fewest
// is best. Nodes that lack a key have 0 points (with the system's default constraints they count
// for the keys that they have). Skipped in PreScore without such constraints.
//
// Pods without constraints have those of the arguments, for the pods that a Service or their
// controller selects with them. Corrections by AddPod and RemovePod are kube-scheduler's: unlike
// the first count they also take in pods that are being deleted, and those of a selector that
// matches everything. Immutable.
// Source: pkg/scheduler/framework/plugins/podtopologyspread (v1.36).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "plugins/defaults/pod_topology_spread/spread_args.h"
#include "scheduler/framework/grouping.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class PodTopologySpread final : public Plugin,
                                public PreFilterPlugin,
                                public FilterPlugin,
                                public PreScorePlugin,
                                public ScorePlugin,
                                public GroupingPlugin {
 public:
  static constexpr std::string_view kName = "PodTopologySpread";

  explicit PodTopologySpread(PodTopologySpreadArgs args) : args_(std::move(args)) {}

  std::string_view name() const override { return kName; }

  PreFilterResult PreFilter(const Cycle& cycle) const override;
  void AddPod(const Cycle& cycle, const PodRecord& pod, NodeId node) const override;
  void RemovePod(const Cycle& cycle, const PodRecord& pod, NodeId node) const override;
  Inputs pre_filter_inputs() const override { return filter_inputs(); }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override {
    return {Input::kNodeLabels, Input::kNodeTaints, Input::kTopologyCounts, Input::kSelectingOwners,
            Input::kPodFacts};
  }

  Status PreScore(const Cycle& cycle, NodeSpan nodes) const override;
  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override;
  void NormalizeScore(const Cycle& cycle, NodeSpan nodes,
                      absl::Span<std::int64_t> scores) const override;
  Inputs score_inputs() const override { return filter_inputs() | Inputs{Input::kFeasibleCount}; }

  std::unique_ptr<GroupMemory> Remember(const PodRecord& pod,
                                        const ClusterState& cluster) const override;

 private:
  const PodTopologySpreadArgs args_;
};

}  // namespace heat_scheduler
