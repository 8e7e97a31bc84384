// NodeAffinity keeps pods off nodes that their nodeSelector and required node affinity do not
// select, and prefers nodes that their preferred node affinity selects.
//
// Both the selector and the affinity must hold; the terms of the affinity are alternatives, and an
// affinity without terms selects nothing. PreFilter leaves the plugin out for pods that have
// neither, and narrows the nodes to those named where every term has `metadata.name In [...]` in
// its matchFields; terms whose names contradict each other refuse the pod whole. The raw score is
// the sum of the weights of the preferred terms that select the node; normalised, the node with the
// greatest sum has 100. PreScore leaves the plugin out for pods without preferred terms, and fails
// on a term that Kubernetes cannot read, as kube-scheduler does.
//
// Arguments: an affinity that is added to that of every pod; what it requires is asked first.
// Source: pkg/scheduler/framework/plugins/nodeaffinity (v1.36).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "plugins/defaults/node_affinity_args.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class NodeAffinity final : public Plugin,
                           public PreFilterPlugin,
                           public FilterPlugin,
                           public PreScorePlugin,
                           public ScorePlugin {
 public:
  static constexpr std::string_view kName = "NodeAffinity";

  explicit NodeAffinity(NodeAffinityArgs args = {}) : added_(std::move(args)) {}

  std::string_view name() const override { return kName; }
  PreFilterResult PreFilter(const Cycle& cycle) const override;
  Inputs pre_filter_inputs() const override { return {Input::kPodFacts}; }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override { return {Input::kNodeLabels, Input::kPodFacts}; }
  Status PreScore(const Cycle& cycle, NodeSpan nodes) const override;
  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override;
  void NormalizeScore(const Cycle& cycle, NodeSpan nodes,
                      absl::Span<std::int64_t> scores) const override;
  Inputs score_inputs() const override { return {Input::kNodeLabels}; }

 private:
  const NodeAffinityArgs added_;
};

}  // namespace heat_scheduler
