#include "scheduler/core/filtering.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "scheduler/core/node_filters.h"

namespace heat_scheduler {
namespace {

// Returns true if the node, which may be none, is one of `nodes`.
bool Has(const Cycle& cycle, NodeSpan nodes, NodeId node) {
  if (node == kNoNode) return false;
  if (nodes.data() == cycle.cluster.nodes().data()) return true;
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

// Returns "[A B]", sorted by name.
std::string NamesOf(const std::vector<const Plugin*>& plugins) {
  std::vector<std::string> names;
  for (const Plugin* plugin : plugins) names.emplace_back(plugin->name());
  std::sort(names.begin(), names.end());
  return absl::StrCat("[", absl::StrJoin(names, " "), "]");
}

}  // namespace

void Filtering::Run(const Profile& profile, const Cycle& cycle, NodeSpan nodes,
                    RunningPlugin& running, Selection& selection) {
  feasible_.clear();
  selection.diagnosis.node_count = nodes.size();
  selection.result = Selection::Result::kUnschedulable;
  if (nodes.empty()) {
    selection.diagnosis.wake_inputs = {Input::kFeasibleCount};
    return;
  }
  if (!RunPreFilters(profile, cycle, running, selection)) return;
  std::optional<NodeRejection> nominated;
  if (PassesNominated(profile, cycle, nodes, running, selection, nominated)) {
    selection.result = Selection::Result::kChosen;
    return;
  }
  TakeCandidates(cycle, nodes, nominated);
  if (!narrowing_.empty()) {
    selection.diagnosis.narrowed_reason =
        absl::StrCat("node(s) didn't satisfy plugin(s) ", NamesOf(narrowing_));
  }
  bool failed = !RunOneByOne(profile, cycle, running, selection);
  for (const auto& filter : profile.filter()) {
    if (failed || feasible_.empty()) break;
    if (cycle.state.FilterSkipped(filter.plugin)) continue;
    failed = !RunFilter(filter, cycle, running, selection);
  }
  feasible_.clear();
  if (failed) return;
  Report(nodes, selection);
  if (!feasible_.empty()) selection.result = Selection::Result::kChosen;
}

bool Filtering::RunPreFilters(const Profile& profile, const Cycle& cycle, RunningPlugin& running,
                              Selection& selection) {
  narrowing_.clear();
  Diagnosis& diagnosis = selection.diagnosis;
  for (const auto& entry : profile.pre_filter()) {
    running = {entry.plugin, "PreFilter"};
    PreFilterResult result = entry.point->PreFilter(cycle);
    result.status.plugin = std::string(entry.plugin->name());
    cycle.state.NotePreFilter(entry.plugin, result.status.code == Code::kSkip);
    switch (result.status.code) {
      case Code::kSuccess:
        if (!result.node_names.has_value()) continue;
        AddRejecting(entry.plugin, entry.point->pre_filter_inputs(), diagnosis);
        if (!Narrow(*std::move(result.node_names), entry.plugin, selection)) return false;
        continue;
      case Code::kSkip:
        continue;
      case Code::kUnschedulable:
      case Code::kUnschedulableAndUnresolvable:
        AddRejecting(entry.plugin, entry.point->pre_filter_inputs(), diagnosis);
        diagnosis.pre_filter = std::move(result.status);
        if (diagnosis.pre_filter.code == Code::kUnschedulableAndUnresolvable) return false;
        continue;
      case Code::kWait:
        selection.result = Selection::Result::kWait;
        selection.status = std::move(result.status);
        selection.wait = result.wait;
        return false;
      case Code::kError:
      case Code::kPending:
        selection.result = Selection::Result::kError;
        selection.status = running.Error(result.status.Message());
        return false;
    }
  }
  return diagnosis.pre_filter.ok();
}

// Keeps the names that all narrowing plugins agree on; refuses the pod if there are none.
bool Filtering::Narrow(std::vector<std::string> names, const Plugin* plugin, Selection& selection) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (narrowing_.empty()) {
    allowed_names_ = std::move(names);
  } else {
    std::vector<std::string> both;
    std::set_intersection(allowed_names_.begin(), allowed_names_.end(), names.begin(), names.end(),
                          std::back_inserter(both));
    allowed_names_ = std::move(both);
  }
  narrowing_.push_back(plugin);
  selection.diagnosis.narrowed_to = allowed_names_;
  if (!allowed_names_.empty()) return true;
  Status& status = selection.diagnosis.pre_filter;
  status.code = Code::kUnschedulableAndUnresolvable;
  status.plugin = std::string(plugin->name());
  if (narrowing_.size() == 1) {
    status.reasons = {absl::StrCat("node(s) didn't satisfy plugin ", status.plugin)};
  } else {
    status.reasons = {
        absl::StrCat("node(s) didn't satisfy plugin(s) ", NamesOf(narrowing_), " simultaneously")};
  }
  return false;
}

// Returns true if the pod's own nominated node passed: it is the only one left then. If it failed,
// that is settled, and `rejected` says how.
bool Filtering::PassesNominated(const Profile& profile, const Cycle& cycle, NodeSpan nodes,
                                RunningPlugin& running, Selection& selection,
                                std::optional<NodeRejection>& rejected) {
  if (cycle.pod.nominated_node_name.empty()) return false;
  const NodeId node = cycle.cluster.FindNode(cycle.pod.nominated_node_name);
  if (!Has(cycle, nodes, node)) return false;
  rejected = FilterNode(profile, cycle, node, running);
  if (!rejected.has_value()) {
    feasible_ = {node};
    selection.nominated = true;
    return true;
  }
  if (StatusOf(cycle, *rejected).rejected()) {
    NoteRejected(*rejected->filter, cycle, NodeSpan(&node, 1), selection);
  } else {
    // One that failed to answer is asked again with the others.
    rejected.reset();
  }
  return false;
}

// Takes the nodes that are to be looked at: those that PreFilter left, and a nominated one that has
// failed already.
void Filtering::TakeCandidates(const Cycle& cycle, NodeSpan nodes,
                               const std::optional<NodeRejection>& nominated) {
  if (narrowing_.empty()) {
    candidates_.assign(nodes.begin(), nodes.end());
  } else {
    candidates_.clear();
    for (const std::string& name : allowed_names_) {
      const NodeId node = cycle.cluster.FindNode(name);
      if (Has(cycle, nodes, node)) candidates_.push_back(node);
    }
  }
  outcomes_.assign(candidates_.size(), {});
  positions_.resize(candidates_.size());
  for (std::uint32_t i = 0; i < positions_.size(); ++i) positions_[i] = i;
  feasible_ = candidates_;
  if (!nominated.has_value()) return;
  const auto& names = cycle.cluster.columns().name;
  const auto at = std::lower_bound(candidates_.begin(), candidates_.end(), nominated->node,
                                   [&](NodeId a, NodeId b) { return names[a] < names[b]; });
  const auto position = at - candidates_.begin();
  const Outcome outcome = {true, nominated->filter, nominated->verdict};
  if (at != candidates_.end() && *at == nominated->node) {
    outcomes_[static_cast<std::size_t>(position)] = outcome;
    feasible_.erase(feasible_.begin() + position);
    positions_.erase(positions_.begin() + position);
    return;
  }
  candidates_.insert(at, nominated->node);
  outcomes_.insert(outcomes_.begin() + position, outcome);
  for (std::size_t i = static_cast<std::size_t>(position); i < positions_.size(); ++i) {
    ++positions_[i];
  }
}

// Settles the nodes to which other pods are nominated. Returns false if a plugin failed.
bool Filtering::RunOneByOne(const Profile& profile, const Cycle& cycle, RunningPlugin& running,
                            Selection& selection) {
  if (cycle.cluster.nomination_count() == 0) return true;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < feasible_.size(); ++i) {
    const NodeId node = feasible_[i];
    if (!HasRivals(cycle, node)) {
      feasible_[kept] = node;
      positions_[kept++] = positions_[i];
      continue;
    }
    const std::optional<NodeRejection> rejection = FilterNode(profile, cycle, node, running);
    if (!rejection.has_value()) continue;
    if (Status status = StatusOf(cycle, *rejection); !status.rejected()) {
      selection.result = Selection::Result::kError;
      selection.status = std::move(status);
      return false;
    }
    outcomes_[positions_[i]] = {true, rejection->filter, rejection->verdict};
    NoteRejected(*rejection->filter, cycle, NodeSpan(&node, 1), selection);
  }
  feasible_.resize(kept);
  positions_.resize(kept);
  return true;
}

bool Filtering::RunFilter(const Profile::Entry<FilterPlugin>& filter, const Cycle& cycle,
                          RunningPlugin& running, Selection& selection) {
  verdicts_.assign(feasible_.size(), {});
  running = {filter.plugin, "Filter"};
  filter.point->Filter(cycle, feasible_, absl::MakeSpan(verdicts_));
  rejected_now_.clear();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < feasible_.size(); ++i) {
    const Verdict& verdict = verdicts_[i];
    if (verdict.ok()) {
      feasible_[kept] = feasible_[i];
      positions_[kept++] = positions_[i];
      continue;
    }
    if (!verdict.rejected()) {
      selection.result = Selection::Result::kError;
      selection.status = StatusOf(cycle, {feasible_[i], &filter, verdict});
      return false;
    }
    outcomes_[positions_[i]] = {true, &filter, verdict};
    rejected_now_.push_back(feasible_[i]);
  }
  if (rejected_now_.empty()) return true;
  feasible_.resize(kept);
  positions_.resize(kept);
  NoteRejected(filter, cycle, rejected_now_, selection);
  return true;
}

// Notes on what the rejection of those nodes depends.
void Filtering::NoteRejected(const Profile::Entry<FilterPlugin>& filter, const Cycle& cycle,
                             NodeSpan nodes, Selection& selection) {
  Diagnosis& diagnosis = selection.diagnosis;
  AddRejecting(filter.plugin, filter.point->filter_inputs(), diagnosis);
  if (!filter.point->filter_inputs().Has(Input::kTime)) return;
  const std::optional<absl::Time> until = filter.point->ValidUntil(cycle, nodes);
  if (until.has_value() &&
      (!diagnosis.valid_until.has_value() || *until < *diagnosis.valid_until)) {
    diagnosis.valid_until = until;
  }
}

// Splits the nodes into those that passed and those that failed.
void Filtering::Report(NodeSpan nodes, Selection& selection) {
  Diagnosis& diagnosis = selection.diagnosis;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (outcomes_[i].rejected) {
      diagnosis.rejections.Add({candidates_[i], outcomes_[i].filter, outcomes_[i].verdict});
    } else {
      feasible_.push_back(candidates_[i]);
    }
  }
  if (!narrowing_.empty()) diagnosis.rejections.AddNarrowedAway(nodes, candidates_);
  if (!diagnosis.rejections.empty()) {
    diagnosis.wake_inputs = diagnosis.wake_inputs | Inputs{Input::kFeasibleCount};
  }
}

}  // namespace heat_scheduler
