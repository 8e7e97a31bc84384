// NodeUnschedulable keeps pods off nodes that are cordoned (spec.unschedulable).
//
// A pod that tolerates the taint `node.kubernetes.io/unschedulable:NoSchedule` passes, whether or
// not the node has that taint. Stateless. Source: pkg/scheduler/framework/plugins/nodeunschedulable
// (v1.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class NodeUnschedulable final : public Plugin, public FilterPlugin {
 public:
  static constexpr std::string_view kName = "NodeUnschedulable";

  std::string_view name() const override { return kName; }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override { return {Input::kNodeTaints}; }
};

}  // namespace heat_scheduler
