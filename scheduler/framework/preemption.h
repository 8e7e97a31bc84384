// What a preemption has found: the nodes on which taking pods away would make room, and the choice
// among them.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

// A node that would do.
struct PreemptionCandidate {
  NodeId node = kNoNode;
  std::vector<const PodRecord*> victims;  // The most important first; never empty.
  std::size_t pdb_violations = 0;         // Victims that a disruption budget would protect.
};

// Borrows the records; valid while the cluster state does not change.
struct Preemption {
  // In the order of their nodes' names; not empty.
  std::vector<std::shared_ptr<const PreemptionCandidate>> candidates;
  std::size_t chosen = 0;  // Index of the candidate that is to be carried out.
  // Indices of the candidates that no rule tells from the chosen one, that one included.
  std::vector<std::size_t> acceptable;
};

}  // namespace heat_scheduler
