// NodePorts keeps pods off nodes where another pod has taken one of their host ports.
//
// Two ports conflict if protocol and number are equal and the addresses are equal or one of them is
// all addresses. What is taken is NodeColumns::used_ports, a set. PreFilter leaves the plugin out for
// pods without host ports. Stateless.
// Source: pkg/scheduler/framework/plugins/nodeports (v1.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class NodePorts final : public Plugin, public PreFilterPlugin, public FilterPlugin {
 public:
  static constexpr std::string_view kName = "NodePorts";

  std::string_view name() const override { return kName; }
  PreFilterResult PreFilter(const Cycle& cycle) const override;
  Inputs pre_filter_inputs() const override { return {Input::kPodFacts}; }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override { return {Input::kNodePods}; }
};

}  // namespace heat_scheduler
