// FullScan: every plugin on every node. The specification of a decision, short enough to be read as
// such.
//
// 1. PreFilter in order; kUnschedulableAndUnresolvable ends it at once, kUnschedulable is kept and
// the rest still
//    runs; kSkip leaves the plugin's Filter out; node names narrow the nodes (the others are
//    rejected with "node(s) didn't satisfy plugin(s) [...]").
// 2. Filter in order on what is left; the first that fails is what is reported of a node.
// 3. Set filters, in order. 4. One node left: it is chosen unscored. 5. PreScore, Score,
// NormalizeScore, times
//    the weight, summed; the greatest total wins; ties by the tie rule.
// A plugin that throws, or scores out of range after normalisation, fails this pod alone: kError.
// Source: pkg/scheduler/schedule_one.go (schedulePod, findNodesThatFitPod, prioritizeNodes), v1.36.
#pragma once

#include <cstdint>

#include "scheduler/core/selection.h"

namespace heat_scheduler {

class FullScan final : public Selector {
 public:
  FullScan(TieRule tie_rule, std::uint64_t seed) : tie_rule_(tie_rule), seed_(seed) {}

  Selection Select(const Profile& profile, const Cycle& cycle, std::uint64_t decision_number,
                   DecisionRecord* record = nullptr) override;

 private:
  TieRule tie_rule_;
  std::uint64_t seed_;
};

}  // namespace heat_scheduler
