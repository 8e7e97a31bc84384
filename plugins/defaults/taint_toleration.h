// TaintToleration keeps pods off nodes with a NoSchedule or NoExecute taint that they do not
// tolerate.
//
// PreferNoSchedule taints keep nobody off. Stateless.
// Source: pkg/scheduler/framework/plugins/tainttoleration (v1.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class TaintToleration final : public Plugin, public FilterPlugin {
 public:
  static constexpr std::string_view kName = "TaintToleration";

  std::string_view name() const override { return kName; }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override { return {Input::kNodeTaints}; }
};

}  // namespace heat_scheduler
