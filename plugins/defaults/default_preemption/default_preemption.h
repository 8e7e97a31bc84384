// DefaultPreemption decides which less important pods have to leave, and from where, so that a pod
// that fits nowhere will fit.
//
// Nodes come into question whose verdict was kUnschedulable; on each of them victims are looked for
// (victims.h), up to the wanted number of candidates, starting at a node that is drawn where
// kube-scheduler draws it, too; the best candidate is chosen (choice.h). A pod whose
// preemptionPolicy is Never does not preempt, and neither does one whose victims are still leaving
// the node it is nominated to. It says what is to be done; the machine carries it out, and keeps
// the pod in flight meanwhile, which is what kube-scheduler's plugin has its PreEnqueue for: ours
// lets every pod in. Source: pkg/scheduler/framework/preemption/preemption.go,
// pkg/scheduler/framework/plugins/defaultpreemption (v1.36).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/defaults/default_preemption/default_preemption_args.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class DefaultPreemption final : public Plugin, public PreEnqueuePlugin, public PostFilterPlugin {
 public:
  static constexpr std::string_view kName = "DefaultPreemption";

  explicit DefaultPreemption(DefaultPreemptionArgs args) : args_(args) {}

  std::string_view name() const override { return kName; }
  Status PreEnqueue(const PodRecord& /*pod*/) const override { return {}; }
  PostFilterResult PostFilter(const Cycle& cycle, const Diagnosis& diagnosis,
                              DryRuns& dry_runs) const override;

 private:
  PostFilterResult Preempt(const Cycle& cycle, const Diagnosis& diagnosis, DryRuns& dry_runs) const;
  // Returns why the pod may not preempt now; empty if it may.
  static std::string WhyNotEligible(const Cycle& cycle, const Diagnosis& diagnosis);
  // Returns the nodes on which it may help to take pods off, in node order, in `listed` unless
  // these are all.
  static NodeSpan NodesInQuestion(const Cycle& cycle, const Diagnosis& diagnosis,
                                  std::vector<NodeId>& listed);

  const DefaultPreemptionArgs args_;
};

}  // namespace heat_scheduler
