// VolumeRestrictions keeps a pod off nodes where another pod has a disk that the two cannot share,
// and off every node while another pod uses a ReadWriteOncePod claim of its.
//
// Disks that a pod states itself: a GCE persistent disk, iSCSI target (by iqn) or RBD image (by a
// common monitor, pool and image) is shared if both sides read only; an EBS volume never. PreFilter
// refuses pods with a claim that does not exist (an ephemeral volume's is VolumeBinding's matter),
// and leaves the plugin out for pods with neither such a disk nor a ReadWriteOncePod claim in use.
// As upstream, pods that are looked at in dry runs count by the name of the claim alone, whatever
// their namespace. Stateless. Source: pkg/scheduler/framework/plugins/volumerestrictions (v1.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class VolumeRestrictions final : public Plugin, public PreFilterPlugin, public FilterPlugin {
 public:
  static constexpr std::string_view kName = "VolumeRestrictions";

  std::string_view name() const override { return kName; }
  PreFilterResult PreFilter(const Cycle& cycle) const override;
  void AddPod(const Cycle& cycle, const PodRecord& pod, NodeId node) const override;
  void RemovePod(const Cycle& cycle, const PodRecord& pod, NodeId node) const override;
  Inputs pre_filter_inputs() const override {
    return {Input::kPodFacts, Input::kVolumes, Input::kTopologyCounts};
  }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  // Who uses a claim anywhere is a count of pods beyond the node.
  Inputs filter_inputs() const override {
    return {Input::kNodePods, Input::kPodFacts, Input::kVolumes, Input::kTopologyCounts};
  }
};

}  // namespace heat_scheduler
