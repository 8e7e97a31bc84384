// Finds the pods that would have to leave a node for another pod: as few and as unimportant as
// possible, and such as no disruption budget protects before others.
//
// All less important pods are taken off; if the pod fits then, they are put back one by one while
// it still fits, those first whose eviction would violate a budget, each group from the most
// important pod on. What cannot be put back are the victims. Source:
// pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go (SelectVictimsOnNode,
// filterPodsWithPDBViolation), pkg/scheduler/util/utils.go (MoreImportantPod, GetPodStartTime),
// v1.36.
#pragma once

#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "plugins/defaults/default_preemption/choice.h"
#include "scheduler/framework/cycle.h"
#include "scheduler/framework/dry_run.h"
#include "scheduler/framework/preemption.h"

namespace heat_scheduler {

// Returns when the pod started; one that has not starts now.
absl::Time StartTime(const PodRecord& pod, absl::Time now);

// Returns true if `victim` may be made to leave for `preemptor`: if its priority is lower.
bool MayPreempt(const PodRecord& preemptor, const PodRecord& victim);

// A strict weak order: by priority, then the one that started first; what is still equal, by
// namespace and name, where kube-scheduler leaves it open.
bool MoreImportant(const PodRecord& a, const PodRecord& b, absl::Time now);

// Pods, split by what their budgets allow; the order is kept within each.
struct SplitByBudget {
  std::vector<const PodRecord*> violating;
  std::vector<const PodRecord*> others;
};

// Splits the pods, in the order in which they would use up the budgets: a pod violates where any
// budget that selects it has nothing left for it. Pods without labels, budgets with an empty
// selector, and pods that a budget counts as disrupted already, do not come into it.
SplitByBudget SplitByBudgets(const std::vector<const PodRecord*>& pods,
                             const ClusterObjects& objects);

// Why a node with no less important pod does not help.
inline constexpr char kNoVictims[] = "No preemption victims found for incoming pod";

struct FoundVictims {
  PreemptionCandidate candidate;
  PreemptionCost cost;
};

struct VictimSearch {
  // kSuccess, or why the node does not help; kError if a plugin failed.
  Status status;
  std::shared_ptr<const FoundVictims> found;  // With kSuccess.
  // Before that moment the pods that have not started would be in another order.
  absl::Time holds_from = absl::InfinitePast();
};

// Looks for victims of the cycle's pod on the node. kError if the pod fits without any, which is
// no reason to have come here.
VictimSearch FindVictims(const Cycle& cycle, NodeId node, DryRuns& dry_runs);

}  // namespace heat_scheduler
