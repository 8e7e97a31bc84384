// VolumeBinding keeps pods off nodes from which their volumes cannot be reached, and chooses
// volumes for those claims that wait for the first pod that uses them.
//
// PreFilter refuses a pod of whose claims one does not exist, is lost, is being deleted, is another
// pod's ephemeral volume, or is to be bound before any pod is placed and is not; it leaves the
// plugin out for pods without claims. Filter asks pod_volumes.h about each node. From Reserve on,
// what was chosen is assumed, so that no other pod gets it (assumed_volumes.h). PreBind has it
// written, then waits until somebody else has bound all claims (claim_binding.h), for
// bindTimeoutSeconds in all; whatever goes wrong is an error, and the pod is tried again. It does
// not score: the feature gate StorageCapacityScoring is off.
// Source: pkg/scheduler/framework/plugins/volumebinding (v1.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "plugins/defaults/volumes/volume_binding_args.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class VolumeBinding final : public Plugin,
                            public PreFilterPlugin,
                            public FilterPlugin,
                            public PreScorePlugin,
                            public ScorePlugin,
                            public ReservePlugin,
                            public PreBindPlugin {
 public:
  static constexpr std::string_view kName = "VolumeBinding";

  explicit VolumeBinding(VolumeBindingArgs args = {}) : args_(args) {}

  std::string_view name() const override { return kName; }
  PreFilterResult PreFilter(const Cycle& cycle) const override;
  Inputs pre_filter_inputs() const override { return {Input::kPodFacts, Input::kVolumes}; }
  void Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const override;
  std::vector<std::string> Reasons(const Cycle& cycle, const Verdict& verdict) const override;
  Inputs filter_inputs() const override {
    return {Input::kNodeLabels, Input::kPodFacts, Input::kVolumes};
  }
  bool FindDoubtful(const Cycle& cycle, CycleState& kept,
                    std::vector<NodeId>& nodes) const override;
  Status PreScore(const Cycle& cycle, NodeSpan nodes) const override;
  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override;
  Inputs score_inputs() const override { return {}; }
  bool normalizes() const override { return false; }
  // Volumes that there are, then volumes to be provisioned.
  Status ChooseVolumes(const Cycle& cycle, NodeId node,
                       std::vector<ClaimChoice>& choices) const override;
  Status Reserve(const Cycle& /*cycle*/, NodeId /*node*/) override { return {}; }
  void Unreserve(const PodRecord& /*pod*/, NodeId /*node*/) override {}
  StepResult PreBind(const Cycle& cycle, NodeId node, EffectSink& effects) override;

 private:
  const VolumeBindingArgs args_;
};

}  // namespace heat_scheduler
