// Chooses among the nodes on which a preemption would help.
//
// In this order: fewest violations of disruption budgets; least priority of the most important
// victim; least sum of the victims' priorities, each raised by 2^31 so that none counts below zero;
// fewest victims; latest start of the first-started among the most important victims. What is still
// equal is chosen by map order in kube-scheduler, and by smallest name here. Source:
// pkg/scheduler/framework/preemption/preemption.go (pickOneNodeForPreemption),
// pkg/scheduler/util/utils.go (GetEarliestPodStartTime), v1.36.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "scheduler/framework/preemption.h"

namespace heat_scheduler {

// What a candidate is judged by.
struct PreemptionCost {
  std::size_t pdb_violations = 0;
  std::int64_t highest_priority = 0;
  std::int64_t priorities = 0;  // Their sum, as above.
  std::size_t victims = 0;
  // Of the most important victims: when the first of those started that have, and whether any has
  // not.
  absl::Time first_started = absl::InfiniteFuture();
  bool one_not_started = false;
};

// Returns the cost of a candidate.
PreemptionCost CostOf(const PreemptionCandidate& candidate);

// Returns the indices of the costs that no rule tells from the best, in their order. There is at
// least one.
std::vector<std::size_t> BestOf(const std::vector<const PreemptionCost*>& costs, absl::Time now);

}  // namespace heat_scheduler
