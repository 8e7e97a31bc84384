#include "plugins/defaults/default_preemption/victim_memory.h"

namespace heat_scheduler {

void VictimMemory::Update(const Cycle& cycle) {
  const std::uint64_t budgets = cycle.cluster.ObjectsVersion({Input::kClusterWide});
  if (priority_ != cycle.facts().priority || budgets_ != budgets) rows_.clear();
  priority_ = cycle.facts().priority;
  budgets_ = budgets;
  rows_.resize(cycle.cluster.columns().name.size());
}

void VictimMemory::LookAgain(const Cycle& cycle, NodeId node, DryRuns& dry_runs, Row& row) {
  row.search = FindVictims(cycle, node, dry_runs);
  row.changed_at = cycle.cluster.columns().changed_at[node];
  row.known = row.search.status.code != Code::kError && cycle.pod.nominated != node &&
              cycle.now.wall >= row.search.holds_from;
}

}  // namespace heat_scheduler
