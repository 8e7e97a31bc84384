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
#include <vector>

#include "absl/time/time.h"
#include "scheduler/framework/preemption.h"

namespace heat_scheduler {

// Returns the indices of the candidates that no rule tells from the best, in their order. There is
// at least one candidate.
std::vector<std::size_t> BestCandidates(const std::vector<PreemptionCandidate>& candidates,
                                        absl::Time now);

}  // namespace heat_scheduler
