// Runs PreScore, Score and NormalizeScore of a profile on given nodes, and what goes before them:
// one set filter.
//
// PreScore in order: kSkip leaves the plugin's Score out. Each Score is normalised, multiplied by
// its weight, and added to the total of its node. A plugin that answers otherwise, or scores out of
// range after normalisation, has failed. All let exceptions of plugins through: `running` then says
// whose. Thread-compatible. Source: pkg/scheduler/schedule_one.go (prioritizeNodes), v1.36.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/core/running_plugin.h"
#include "scheduler/core/selection.h"

namespace heat_scheduler {

// Notes in the selection that a plugin failed. Returns false.
bool NoteFailure(Status status, Selection& selection);

// Has one set filter choose among `nodes`, which are not empty: `keep` says of each whether it
// stays, and the selection gets the plugin's sentence. Returns false if it failed: the selection
// says so.
bool RunSetFilter(const Profile::Entry<SetFilterPlugin>& entry, const Cycle& cycle, NodeSpan nodes,
                  std::vector<std::uint8_t>& keep, RunningPlugin& running, Selection& selection);

// Keeps its buffers from one pod to the next.
class Scoring {
 public:
  // Scores `nodes`; with `record`, notes there what each plugin said of them, for which they have
  // to be in node order. Returns false if a plugin failed: the selection says so.
  bool Run(const Profile& profile, const Cycle& cycle, NodeSpan nodes, RunningPlugin& running,
           DecisionRecord* record, Selection& selection);

  // One total for each of the nodes, same order; valid until the next Run.
  absl::Span<const std::int64_t> totals() const { return totals_; }

 private:
  bool RunScore(const Profile::ScoreEntry& entry, const Cycle& cycle, NodeSpan nodes,
                RunningPlugin& running, DecisionRecord* record, Selection& selection);

  std::vector<std::int64_t> scores_;
  std::vector<std::int64_t> totals_;
};

}  // namespace heat_scheduler
