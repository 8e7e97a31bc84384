// What searches for victims have found, node by node, for pods of one class, traits and priority.
//
// It is kept where the selection offers room for it (KeptRejections::keepsake): there a node's
// answer follows from its row, the disruption budgets and the time alone, and not from which of
// these pods asks, unless that pod is nominated to the node. Thread-compatible.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plugins/defaults/default_preemption/victims.h"

namespace heat_scheduler {

class VictimMemory final : public PluginState {
 public:
  // Makes it a memory for such pods under the budgets that there are now. What was kept for others
  // is forgotten.
  void Update(const Cycle& cycle);

  // Returns what FindVictims would; valid until the next call.
  const VictimSearch& Of(const Cycle& cycle, NodeId node, DryRuns& dry_runs) {
    Row& row = rows_[node];
    const bool holds = row.known && row.changed_at == cycle.cluster.columns().changed_at[node] &&
                       cycle.now.wall >= row.search.holds_from;
    if (!holds) LookAgain(cycle, node, dry_runs, row);
    return row.search;
  }

  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<VictimMemory>(*this);
  }

 private:
  struct Row {
    std::uint64_t changed_at = 0;  // Of the row, when it was looked at.
    bool known = false;
    VictimSearch search;
  };
  static void LookAgain(const Cycle& cycle, NodeId node, DryRuns& dry_runs, Row& row);

  std::int32_t priority_ = 0;
  std::uint64_t budgets_ = 0;
  std::vector<Row> rows_;
};

}  // namespace heat_scheduler
