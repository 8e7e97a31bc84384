// NodeName lets a pod whose spec.nodeName is set already pass only on that node.
//
// Pods of the API come to a scheduler without one; those that an extender or a simulator asks about
// may have it. Stateless. Source: pkg/scheduler/framework/plugins/nodename (v1.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class NodeName final : public Plugin, public FilterPlugin {
 public:
  static constexpr std::string_view kName = "NodeName";

  std::string_view name() const override { return kName; }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override { return {Input::kPodFacts}; }
};

}  // namespace heat_scheduler
