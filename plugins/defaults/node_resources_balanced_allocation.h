// NodeResourcesBalancedAllocation prefers nodes on which the pod makes the used shares of the
// resources more equal.
//
// Of each resource, the used share is requested / allocatable, at most 1. How balanced a node is:
// (1 - the standard deviation of the shares) * 100, rounded down; half the difference for two
// shares, and 100 for fewer. The score is 50 + (50 + balance with the pod - balance without) / 2 in
// integers: 50..100, and about 75 where the pod changes little. Real requests count, without
// defaults; PreScore leaves the plugin out for a pod that requests none of the resources.
//
// Source: pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go (v1.36).
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "nlohmann/json_fwd.hpp"
#include "plugins/defaults/scored_resources.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class NodeResourcesBalancedAllocation final : public Plugin,
                                              public PreScorePlugin,
                                              public ScorePlugin {
 public:
  static constexpr std::string_view kName = "NodeResourcesBalancedAllocation";

  // Weights do not count.
  explicit NodeResourcesBalancedAllocation(
      std::vector<ScoredResource> resources = DefaultScoredResources())
      : resources_(std::move(resources)) {}

  std::string_view name() const override { return kName; }
  Status PreScore(const Cycle& cycle, NodeSpan nodes) const override;
  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override;
  Inputs score_inputs() const override { return {Input::kNodeResources, Input::kNodePods}; }
  bool normalizes() const override { return false; }

 private:
  const std::vector<ScoredResource> resources_;
};

// Returns the score of one node.
std::int64_t BalancedAllocationScore(absl::Span<const ResourceUse> uses);

// Decodes NodeResourcesBalancedAllocationArgs; null is the defaults. Returns InvalidArgument with
// all mistakes: resources must differ, and their weights be 1.
absl::StatusOr<std::vector<ScoredResource>> DecodeBalancedAllocationArgs(
    const nlohmann::json& json);

}  // namespace heat_scheduler
