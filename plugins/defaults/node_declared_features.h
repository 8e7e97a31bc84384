// NodeDeclaredFeatures keeps pods off nodes that do not say that they have a feature which the pod
// needs.
//
// What a pod can need when it is placed: RestartAllContainersOnContainerExits, where a container or
// init container has a restart rule with the action RestartAllContainers, and
// UserNamespacesHostNetworkSupport, where it has the host's network and not its users. Other
// features that nodes declare matter to resizes alone. PreFilter leaves the plugin out for pods
// that need none. A node's list is read as kube-scheduler reads it, which counts on its being
// sorted, as kubelets write it: of a list that is not, a feature that comes late can be missed.
// Stateless. Source: pkg/scheduler/framework/plugins/nodedeclaredfeatures (v1.36),
// k8s.io/component-helpers nodedeclaredfeatures (v0.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class NodeDeclaredFeatures final : public Plugin, public PreFilterPlugin, public FilterPlugin {
 public:
  static constexpr std::string_view kName = "NodeDeclaredFeatures";

  std::string_view name() const override { return kName; }
  PreFilterResult PreFilter(const Cycle& cycle) const override;
  Inputs pre_filter_inputs() const override { return {Input::kPodFacts}; }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override { return {Input::kNodeDeclaredFeatures}; }
};

}  // namespace heat_scheduler
