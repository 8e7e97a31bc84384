// NodeVolumeLimits keeps pods off nodes to which no more volumes of a CSI driver can be attached.
//
// CSINode says how many of a driver a node takes (allocatable.count). Counted are the volumes of
// the pods there, each once, and what VolumeAttachments say is attached beside them; a claim
// without a volume counts as one of its storage class's provisioner, a disk of a migrated in-tree
// plugin as one of its driver. As upstream, a new volume that is attached, but that no pod there
// has, counts twice. PreFilter leaves the plugin out for pods without claims and such disks. The
// gate VolumeLimitScaling is off: a driver that is not installed on the node is no reason.
// Stateless. Source: pkg/scheduler/framework/plugins/nodevolumelimits (v1.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class NodeVolumeLimits final : public Plugin, public PreFilterPlugin, public FilterPlugin {
 public:
  static constexpr std::string_view kName = "NodeVolumeLimits";

  std::string_view name() const override { return kName; }
  PreFilterResult PreFilter(const Cycle& cycle) const override;
  Inputs pre_filter_inputs() const override { return {Input::kPodFacts}; }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override {
    return {Input::kNodePods, Input::kPodFacts, Input::kVolumes};
  }
  // By how much room there is left on each node at least, which is kept (volume_room.h).
  bool FindDoubtful(const Cycle& cycle, CycleState& kept,
                    std::vector<NodeId>& nodes) const override;
};

}  // namespace heat_scheduler
