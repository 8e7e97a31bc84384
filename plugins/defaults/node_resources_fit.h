// NodeResourcesFit keeps pods off nodes that have too little left of a resource that they request,
// and prefers nodes with much left.
//
// Filter: reports all that a node is short of, and `Too many pods` where the node has as many pods
// as it allows. kUnschedulableAndUnresolvable if a request exceeds the whole allocatable amount
// (removing pods would not help), else kUnschedulable. A pod that requests nothing needs room for
// one more pod alone.
//
// Arguments name extended resources that the filter leaves out.
//
// Score: what the strategy of the arguments makes of the shares of each resource that are requested
// with the pod on the node (scoring_strategy.h); LeastAllocated over cpu and memory unless they say
// otherwise. Containers without a request for cpu or memory count at the defaults of
// kube/pod_requests.h. Of the pod itself, requests as a whole (spec.resources) do not count here,
// as in kube-scheduler. PreScore never leaves the plugin out.
//
// Source: pkg/scheduler/framework/plugins/noderesources (fit.go, resource_allocation.go), v1.36.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "plugins/defaults/node_resources_fit_args.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class NodeResourcesFit final : public Plugin,
                               public PreFilterPlugin,
                               public FilterPlugin,
                               public PreScorePlugin,
                               public ScorePlugin {
 public:
  static constexpr std::string_view kName = "NodeResourcesFit";

  explicit NodeResourcesFit(NodeResourcesFitArgs args = {}) : args_(std::move(args)) {}

  std::string_view name() const override { return kName; }
  PreFilterResult PreFilter(const Cycle& cycle) const override;
  Inputs pre_filter_inputs() const override { return {Input::kPodFacts}; }
  // Verdict::detail is a set of bits: pods, cpu, memory, ephemeral-storage, then the pod's scalar
  // requests in their order. For a pod with more scalar requests than bits it is the number of the
  // verdict in a list that the cycle keeps.
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  // pods, cpu, memory, ephemeral-storage, then the other resources by name.
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override { return {Input::kNodeResources, Input::kNodePods}; }
  Status PreScore(const Cycle& /*cycle*/, NodeSpan /*nodes*/) const override { return {}; }
  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override;
  Inputs score_inputs() const override { return {Input::kNodeResources, Input::kNodePods}; }
  bool normalizes() const override { return false; }

 private:
  const NodeResourcesFitArgs args_;
};

}  // namespace heat_scheduler
