// NodeResourcesFit keeps pods off nodes that have too little left of a resource that they request,
// and prefers nodes with much left.
//
// Filter: reports all that a node is short of, and `Too many pods` where the node has as many pods
// as it allows. kUnschedulableAndUnresolvable if a request exceeds the whole allocatable amount
// (removing pods would not help), else kUnschedulable. A pod that requests nothing needs room for
// one more pod alone.
//
// Score, strategy LeastAllocated over cpu and memory, weight 1 each: the mean of
// (allocatable - requested) * 100 / allocatable, in integers, where `requested` has the pod itself
// in it and counts containers without a request at the defaults of kube/pod_requests.h. Of the pod
// itself, requests as a whole (spec.resources) do not count here, as in kube-scheduler. A resource
// that the node does not have is left out of the mean; a node that has neither scores 0.
//
// Stateless. Source: pkg/scheduler/framework/plugins/noderesources (fit.go, least_allocated.go,
// resource_allocation.go), v1.36.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class NodeResourcesFit final : public Plugin,
                               public PreFilterPlugin,
                               public FilterPlugin,
                               public ScorePlugin {
 public:
  static constexpr std::string_view kName = "NodeResourcesFit";

  std::string_view name() const override { return kName; }
  PreFilterResult PreFilter(const Cycle& cycle) const override;
  Inputs pre_filter_inputs() const override { return {}; }
  // Verdict::detail is a set of bits: pods, cpu, memory, ephemeral-storage, then the pod's scalar
  // requests in their order. For a pod with more scalar requests than bits it is the number of the
  // verdict in a list that the cycle keeps.
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  // pods, cpu, memory, ephemeral-storage, then the other resources by name.
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override { return {Input::kNodeResources, Input::kNodePods}; }
  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override;
  Inputs score_inputs() const override { return {Input::kNodeResources, Input::kNodePods}; }
};

// Returns the share of a resource that is left, 0..100, rounded down; 0 where more is requested
// than there is, or `capacity` is 0.
std::int64_t LeastRequestedScore(std::int64_t requested, std::int64_t capacity);

}  // namespace heat_scheduler
