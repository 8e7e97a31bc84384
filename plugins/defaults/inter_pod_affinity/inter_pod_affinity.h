// InterPodAffinity places pods beside pods that they want, and apart from pods that they or those
// pods do not want, where "beside" is a domain: the nodes with one value of a topology key.
//
// Filter: all terms of the required affinity must find pods in their domains, each of which pods
// matches all terms; no term of the required anti-affinity may find one, and no required
// anti-affinity term of a pod in any of the node's domains may match the pod. A pod whose affinity
// no pod anywhere satisfies passes all the same if it satisfies it itself: the first of a group.
// Skipped in PreFilter where none of these terms are; then pods that are added later (nominated
// ones) do not count either, as in kube-scheduler.
//
// Score: the sum of the weights of preferred terms, of the pod and of pods in the node's domains,
// and of hardPodAffinityWeight for their required affinity, scaled so that the least of the nodes
// has 0 and the greatest 100, rounding down; all 0 where they are equal. Skipped where no pod adds
// to any domain, or with ignorePreferredTermsOfExistingPods where the pod prefers nothing.
//
// matchLabelKeys and mismatchLabelKeys are the API server's work. Immutable.
// Source: pkg/scheduler/framework/plugins/interpodaffinity (v1.36).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "plugins/defaults/inter_pod_affinity/inter_pod_affinity_args.h"
#include "scheduler/framework/grouping.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class InterPodAffinity final : public Plugin,
                               public PreFilterPlugin,
                               public FilterPlugin,
                               public PreScorePlugin,
                               public ScorePlugin,
                               public GroupingPlugin {
 public:
  static constexpr std::string_view kName = "InterPodAffinity";

  explicit InterPodAffinity(const InterPodAffinityArgs& args = {}) : args_(args) {}

  std::string_view name() const override { return kName; }

  PreFilterResult PreFilter(const Cycle& cycle) const override;
  void AddPod(const Cycle& cycle, const PodRecord& pod, NodeId node) const override;
  void RemovePod(const Cycle& cycle, const PodRecord& pod, NodeId node) const override;
  Inputs pre_filter_inputs() const override { return filter_inputs(); }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override {
    return {Input::kNodeLabels, Input::kTopologyCounts, Input::kNamespaceLabels, Input::kPodFacts};
  }

  Status PreScore(const Cycle& cycle, NodeSpan nodes) const override;
  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override;
  void NormalizeScore(const Cycle& cycle, NodeSpan nodes,
                      absl::Span<std::int64_t> scores) const override;
  Inputs score_inputs() const override { return filter_inputs(); }

  std::unique_ptr<GroupMemory> Remember(const PodRecord& pod,
                                        const ClusterState& cluster) const override;

 private:
  const InterPodAffinityArgs args_;
};

}  // namespace heat_scheduler
