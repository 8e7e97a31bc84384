// VolumeBinding keeps pods off nodes from which their volumes cannot be reached, and chooses
// volumes for those claims that wait for the first pod that uses them.
//
// PreFilter refuses a pod of whose claims one does not exist, is lost, is being deleted, is another
// pod's ephemeral volume, or is to be bound before any pod is placed and is not; it leaves the
// plugin out for pods without claims. Filter asks pod_volumes.h about each node. Reserve sets the
// chosen volumes aside, so that no other pod gets them (assumed_volumes.h). The plugin does not
// write what it chose to the API: PreBind turns the pod back until somebody has bound its claims,
// and says what it had chosen. It does not score: the feature gate StorageCapacityScoring is off.
// Source: pkg/scheduler/framework/plugins/volumebinding (v1.36).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "plugins/defaults/volumes/assumed_volumes.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

// What a claim without a volume gets.
struct VolumeChoice {
  std::string claim;   // "namespace/name"
  std::string volume;  // Empty: one is to be provisioned on the pod's node.
};

class VolumeBinding final : public Plugin,
                            public PreFilterPlugin,
                            public FilterPlugin,
                            public PreScorePlugin,
                            public ScorePlugin,
                            public ReservePlugin,
                            public PreBindPlugin,
                            public PostBindPlugin {
 public:
  static constexpr std::string_view kName = "VolumeBinding";

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
  Status Reserve(const Cycle& cycle, NodeId node) override;
  void Unreserve(const PodRecord& pod, NodeId node) override;
  StepResult PreBind(const Cycle& cycle, NodeId node, EffectSink& effects) override;
  void PostBind(const PodRecord& pod, NodeId node) override;

  // Returns what each claim without a volume gets on a node that passed Filter in this cycle:
  // volumes that there are, then volumes to be provisioned.
  std::vector<VolumeChoice> ChoicesOn(const Cycle& cycle, NodeId node) const;

 private:
  AssumedVolumes assumed_;
  std::map<std::string, std::vector<VolumeChoice>, std::less<>> reserved_;  // By pod's key.
};

}  // namespace heat_scheduler
