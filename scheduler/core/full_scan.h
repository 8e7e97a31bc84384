// FullScan: every plugin on every node. The specification of a decision, short enough to be read as
// such.
//
// 1. PreFilter and Filter (filtering.h). No node left: the pod fits nowhere. Its nominated node
// passed: that is chosen. With a percentage_of_nodes_to_score only so many of those that fit stay
// (at least 100): the first in node order from where the last such search ended, round and round.
// Extenders that the pod concerns have their say next, and again before the scores
// (extender_round.h). 2. Set filters, in order. 3. One node left: it is chosen unscored. 4.
// PreScore (kSkip leaves the plugin's Score out), Score, NormalizeScore, times the weight, summed;
// the greatest total wins; ties by the tie rule. A plugin that throws, answers with a code that its
// hook does not have, or scores out of range after normalisation, fails this pod alone: kError.
// Keeps its buffers from one pod to the next. Thread-compatible. Source:
// pkg/scheduler/schedule_one.go (schedulePod, findNodesThatFitPod, numFeasibleNodesToFind,
// prioritizeNodes), v1.36.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scheduler/core/extender_round.h"
#include "scheduler/core/filtering.h"
#include "scheduler/core/scoring.h"
#include "scheduler/core/selection.h"

namespace heat_scheduler {

class FullScan final : public Selector {
 public:
  FullScan(TieRule tie_rule, std::uint64_t seed, std::size_t search_start = 0)
      : tie_rule_(tie_rule), seed_(seed), search_start_(search_start) {}

  void SelectInto(Selection& selection, const Profile& profile, const Cycle& cycle,
                  std::uint64_t decision_number, DecisionRecord* record) override;
  // The same with extenders.
  void SelectWith(ExtenderRound& round, Selection& selection, const Profile& profile,
                  const Cycle& cycle, std::uint64_t decision_number, DecisionRecord* record);
  std::size_t search_start() const override { return search_start_; }

 private:
  void Decide(const Profile& profile, const Cycle& cycle, std::uint64_t decision_number,
              DecisionRecord* record, Selection& selection);
  bool PassExtenders(const Profile& profile, const Cycle& cycle, Selection& selection);
  void Sample(const Profile& profile, const Cycle& cycle);
  // These return false if a plugin failed; the selection says so then.
  bool ApplySetFilters(const Profile& profile, const Cycle& cycle, DecisionRecord* record,
                       Selection& selection);
  bool ScoreNodes(const Profile& profile, const Cycle& cycle, DecisionRecord* record,
                  Selection& selection);
  NodeId BreakTie(const Cycle& cycle, std::uint64_t decision_number, DecisionRecord* record) const;

  const TieRule tie_rule_;
  const std::uint64_t seed_;
  ExtenderRound* round_ = nullptr;  // Of the decision at hand; null: without extenders.
  Filtering filtering_;
  RunningPlugin running_;
  std::size_t search_start_;    // Of the next pod that is content with some of the nodes.
  std::vector<NodeId> nodes_;   // Those still in the race, in node order.
  std::vector<NodeId> best_;    // Those with the greatest total, in node order.
  std::vector<NodeId> others_;  // All but a nominated node that an extender refuses.
  std::vector<std::uint8_t> keep_;
  std::vector<std::int64_t> totals_;
  Scoring scoring_;
};

}  // namespace heat_scheduler
