// DynamicResources stands where kube-scheduler places pods with resource claims: pods without are
// treated as there, pods with claims stay pending.
//
// A pod without claims is left out of Filter, scores 0 everywhere, and where it fits nowhere
// PostFilter finds `no new claims to deallocate`. Where PreFilter ended before this plugin's turn,
// PostFilter fails with `not found` and no other PostFilter plugin is asked, as in kube-scheduler
// v1.36. Claims are not supported: PreFilter refuses a pod that has them, so that the pod's event
// says so, and likewise a pod of a pod group, whose pods must be placed together (alpha).
// Stateless. Source: pkg/scheduler/framework/plugins/dynamicresources (v1.36).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "nlohmann/json_fwd.hpp"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class DynamicResources final : public Plugin,
                               public PreEnqueuePlugin,
                               public PreFilterPlugin,
                               public FilterPlugin,
                               public PostFilterPlugin,
                               public ScorePlugin,
                               public ReservePlugin,
                               public PreBindPlugin {
 public:
  static constexpr std::string_view kName = "DynamicResources";

  std::string_view name() const override { return kName; }
  Status PreEnqueue(const PodRecord& /*pod*/) const override { return {}; }
  PreFilterResult PreFilter(const Cycle& cycle) const override;
  Inputs pre_filter_inputs() const override { return {Input::kPodFacts}; }
  // Never called: a pod that PreFilter lets pass is left out.
  void Filter(const Cycle& /*cycle*/, NodeSpan /*nodes*/,
              absl::Span<Verdict> /*verdicts*/) const override {}
  std::vector<std::string> Reasons(const Cycle& /*cycle*/,
                                   const Verdict& /*verdict*/) const override {
    return {};
  }
  Inputs filter_inputs() const override { return {}; }
  PostFilterResult PostFilter(const Cycle& cycle, const Diagnosis& diagnosis,
                              DryRuns& dry_runs) const override;
  void Score(const Cycle& cycle, NodeSpan nodes, absl::Span<std::int64_t> scores) const override;
  Inputs score_inputs() const override { return {}; }
  bool normalizes() const override { return false; }
  Status Reserve(const Cycle& /*cycle*/, NodeId /*node*/) override { return {}; }
  void Unreserve(const PodRecord& /*pod*/, NodeId /*node*/) override {}
  StepResult PreBind(const Cycle& /*cycle*/, NodeId /*node*/, EffectSink& /*effects*/) override {
    return {};
  }
};

// Checks DynamicResourcesArgs: `filterTimeout` and `bindingTimeout`, which matter to claims alone.
// Returns InvalidArgument with all mistakes.
absl::Status CheckDynamicResourcesArgs(const nlohmann::json& json);

}  // namespace heat_scheduler
