// VolumeZone keeps pods off nodes that lie in another zone or region than their volumes say in
// labels.
//
// A volume's label may name several zones, joined by "__"; the node must have the label with one of
// them, by its old or its new name. Nodes without any zone or region label take every volume.
// PreFilter refuses pods of whose claims one does not exist, or names a volume that does not, or
// will not wait for a node; claims that wait for one do not count, nor do those of ephemeral
// volumes. Stateless. Source: pkg/scheduler/framework/plugins/volumezone (v1.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class VolumeZone final : public Plugin, public PreFilterPlugin, public FilterPlugin {
 public:
  static constexpr std::string_view kName = "VolumeZone";

  std::string_view name() const override { return kName; }
  PreFilterResult PreFilter(const Cycle& cycle) const override;
  Inputs pre_filter_inputs() const override { return {Input::kPodFacts, Input::kVolumes}; }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override {
    return {Input::kNodeLabels, Input::kPodFacts, Input::kVolumes};
  }
};

}  // namespace heat_scheduler
