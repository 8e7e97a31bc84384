// NodeAffinity keeps pods off nodes that their nodeSelector and required node affinity do not
// select.
//
// Both must hold; the terms of the affinity are alternatives, and an affinity without terms selects
// nothing. PreFilter leaves the plugin out for pods that have neither, and narrows the nodes to
// those named where every term has `metadata.name In [...]` in its matchFields; terms whose names
// contradict each other refuse the pod whole. Stateless.
// Source: pkg/scheduler/framework/plugins/nodeaffinity (v1.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class NodeAffinity final : public Plugin, public PreFilterPlugin, public FilterPlugin {
 public:
  static constexpr std::string_view kName = "NodeAffinity";

  std::string_view name() const override { return kName; }
  PreFilterResult PreFilter(const Cycle& cycle) const override;
  Inputs pre_filter_inputs() const override { return {Input::kPodFacts}; }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override { return {Input::kNodeLabels, Input::kPodFacts}; }
};

}  // namespace heat_scheduler
