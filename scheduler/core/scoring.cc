#include "scheduler/core/scoring.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "scheduler/core/decision_record.h"

namespace heat_scheduler {

bool NoteFailure(Status status, Selection& selection) {
  selection.result = Selection::Result::kError;
  selection.status = std::move(status);
  selection.node = kNoNode;
  return false;
}

bool RunSetFilter(const Profile::Entry<SetFilterPlugin>& entry, const Cycle& cycle, NodeSpan nodes,
                  std::vector<std::uint8_t>& keep, RunningPlugin& running, Selection& selection) {
  keep.assign(nodes.size(), 1);
  running = {entry.plugin, "SetFilter"};
  std::string note = entry.point->FilterSet(cycle, nodes, absl::MakeSpan(keep));
  selection.set_filter_notes.emplace_back(entry.plugin, std::move(note));
  const auto kept = [](std::uint8_t flag) { return flag != 0; };
  if (std::any_of(keep.begin(), keep.end(), kept)) return true;
  return NoteFailure(running.Error("it kept no node"), selection);
}

bool Scoring::Run(const Profile& profile, const Cycle& cycle, NodeSpan nodes,
                  RunningPlugin& running, DecisionRecord* record, Selection& selection) {
  std::vector<const Plugin*> skipped;
  for (const auto& entry : profile.pre_score()) {
    running = {entry.plugin, "PreScore"};
    const Status status = entry.point->PreScore(cycle, nodes);
    if (status.code == Code::kSkip) {
      skipped.push_back(entry.plugin);
    } else if (!status.ok()) {
      return NoteFailure(running.Error(status.Message()), selection);
    }
  }
  totals_.assign(nodes.size(), 0);
  for (const Profile::ScoreEntry& entry : profile.score()) {
    if (std::find(skipped.begin(), skipped.end(), entry.plugin) != skipped.end()) continue;
    if (!RunScore(entry, cycle, nodes, running, record, selection)) return false;
  }
  return true;
}

bool Scoring::RunScore(const Profile::ScoreEntry& entry, const Cycle& cycle, NodeSpan nodes,
                       RunningPlugin& running, DecisionRecord* record, Selection& selection) {
  scores_.assign(nodes.size(), 0);
  running = {entry.plugin, "Score"};
  entry.point->Score(cycle, nodes, absl::MakeSpan(scores_));
  std::vector<std::int64_t> raw;
  if (record != nullptr) raw = scores_;
  running.point = "NormalizeScore";
  entry.point->NormalizeScore(cycle, nodes, absl::MakeSpan(scores_));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (scores_[i] < kMinNodeScore || scores_[i] > kMaxNodeScore) {
      running.point = "Score";
      return NoteFailure(running.Error(absl::StrCat(
                             "node \"", cycle.cluster.columns().name[nodes[i]], "\" scores ",
                             scores_[i], "; after normalisation a score has to be in [",
                             kMinNodeScore, ", ", kMaxNodeScore, "]")),
                         selection);
    }
    totals_[i] += scores_[i] * entry.weight;
  }
  if (record != nullptr) RecordScores(entry.plugin, entry.weight, nodes, raw, scores_, *record);
  return true;
}

}  // namespace heat_scheduler
