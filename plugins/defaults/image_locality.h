// ImageLocality prefers nodes that have the pod's container images already.
//
// Each image of a container, init container or image volume that the node lists adds its size times
// the share of nodes that have it, so that one node's head start does not draw all pods there. The
// sum is cut to 23 MiB .. 1000 MiB times the number of containers, and scaled to 0..100. An image
// without a tag is `:latest`; otherwise names are compared as they stand. Where nodes state
// different sizes for one image, that of the first of them by name counts.
//
// Stateless. Source: pkg/scheduler/framework/plugins/imagelocality (v1.36).
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "scheduler/framework/grouping.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class ImageLocality final : public Plugin, public ScorePlugin, public GroupingPlugin {
 public:
  static constexpr std::string_view kName = "ImageLocality";

  std::string_view name() const override { return kName; }
  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override;
  // The share of nodes that have an image depends on all of them.
  Inputs score_inputs() const override { return {Input::kNodeImages, Input::kClusterWide}; }
  bool normalizes() const override { return false; }
  std::unique_ptr<GroupMemory> Remember(const PodRecord& pod,
                                        const ClusterState& cluster) const override;
};

}  // namespace heat_scheduler
