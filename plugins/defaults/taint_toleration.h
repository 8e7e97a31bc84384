// TaintToleration keeps pods off nodes with a NoSchedule or NoExecute taint that they do not
// tolerate, and prefers nodes with few PreferNoSchedule taints that they do not tolerate.
//
// The raw score is the number of such taints; normalised, the node with most has 0, one without
// has 100, and where no node has any, all have 100. Never skipped. Stateless.
// Source: pkg/scheduler/framework/plugins/tainttoleration (v1.36).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class TaintToleration final : public Plugin,
                              public FilterPlugin,
                              public PreScorePlugin,
                              public ScorePlugin {
 public:
  static constexpr std::string_view kName = "TaintToleration";

  std::string_view name() const override { return kName; }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override { return {Input::kNodeTaints}; }
  Status PreScore(const Cycle& /*cycle*/, NodeSpan /*nodes*/) const override { return {}; }
  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override;
  void NormalizeScore(const Cycle& cycle, NodeSpan nodes,
                      absl::Span<std::int64_t> scores) const override;
  Inputs score_inputs() const override { return {Input::kNodeTaints}; }
};

}  // namespace heat_scheduler
