#include "scheduler/core/filtering.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace {

bool Contains(const std::vector<const Plugin*>& plugins, const Plugin* plugin) {
  return std::find(plugins.begin(), plugins.end(), plugin) != plugins.end();
}

void Join(Inputs& inputs, Inputs more) { inputs = inputs | more; }

// Records that the plugin had a part in the rejection, once.
void AddRejecting(Diagnosis& diagnosis, const Plugin* plugin, Inputs inputs) {
  if (!Contains(diagnosis.rejecting_plugins, plugin)) diagnosis.rejecting_plugins.push_back(plugin);
  Join(diagnosis.wake_inputs, inputs);
}

// Returns "[A B]", sorted by name.
std::string NamesOf(const std::vector<const Plugin*>& plugins) {
  std::vector<std::string> names;
  for (const Plugin* plugin : plugins) names.emplace_back(plugin->name());
  std::sort(names.begin(), names.end());
  return absl::StrCat("[", absl::StrJoin(names, " "), "]");
}

}  // namespace

Status RunningPlugin::Error(std::string_view problem) const {
  const std::string name(plugin == nullptr ? std::string_view("?") : plugin->name());
  return {Code::kError,
          {absl::StrCat("running ", ToAbsl(point), " plugin \"", name, "\": ", ToAbsl(problem))},
          name};
}

void Filtering::Run(const Profile& profile, const Cycle& cycle, NodeSpan nodes,
                    RunningPlugin& running, Selection& selection) {
  feasible_.assign(nodes.begin(), nodes.end());
  selection.diagnosis.node_count = nodes.size();
  selection.result = Selection::Result::kUnschedulable;
  if (nodes.empty()) {
    selection.diagnosis.wake_inputs = {Input::kFeasibleCount};
    return;
  }
  if (!RunPreFilters(profile, cycle, running, selection)) {
    feasible_.clear();
    return;
  }
  outcomes_.assign(nodes.size(), {});
  positions_.resize(nodes.size());
  for (std::uint32_t i = 0; i < positions_.size(); ++i) positions_[i] = i;
  if (!narrowing_.empty()) KeepNarrowed(cycle, selection);
  for (const auto& filter : profile.filter()) {
    if (feasible_.empty()) break;
    if (Contains(skipped_, filter.plugin)) continue;
    if (!RunFilter(filter, cycle, running, selection)) {
      feasible_.clear();
      return;
    }
  }
  Report(nodes, selection);
  if (!feasible_.empty()) selection.result = Selection::Result::kChosen;
}

bool Filtering::RunPreFilters(const Profile& profile, const Cycle& cycle, RunningPlugin& running,
                              Selection& selection) {
  skipped_.clear();
  narrowing_.clear();
  Diagnosis& diagnosis = selection.diagnosis;
  for (const auto& entry : profile.pre_filter()) {
    running = {entry.plugin, "PreFilter"};
    PreFilterResult result = entry.point->PreFilter(cycle);
    result.status.plugin = std::string(entry.plugin->name());
    switch (result.status.code) {
      case Code::kSuccess:
        if (!result.node_names.has_value()) continue;
        AddRejecting(diagnosis, entry.plugin, entry.point->pre_filter_inputs());
        if (!Narrow(*std::move(result.node_names), entry.plugin, selection)) return false;
        continue;
      case Code::kSkip:
        skipped_.push_back(entry.plugin);
        continue;
      case Code::kUnschedulable:
      case Code::kUnschedulableAndUnresolvable:
        AddRejecting(diagnosis, entry.plugin, entry.point->pre_filter_inputs());
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
  if (narrowing_.empty()) {
    allowed_names_ = std::move(names);
  } else {
    std::vector<std::string> both;
    std::set_intersection(allowed_names_.begin(), allowed_names_.end(), names.begin(), names.end(),
                          std::back_inserter(both));
    allowed_names_ = std::move(both);
  }
  narrowing_.push_back(plugin);
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

void Filtering::KeepNarrowed(const Cycle& cycle, Selection& selection) {
  selection.diagnosis.narrowed_reason =
      absl::StrCat("node(s) didn't satisfy plugin(s) ", NamesOf(narrowing_));
  const auto& names = cycle.cluster.columns().name;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < feasible_.size(); ++i) {
    if (std::binary_search(allowed_names_.begin(), allowed_names_.end(), names[feasible_[i]])) {
      feasible_[kept] = feasible_[i];
      positions_[kept++] = positions_[i];
    } else {
      outcomes_[positions_[i]] = {true, nullptr, {Code::kUnschedulableAndUnresolvable, 0}};
    }
  }
  feasible_.resize(kept);
  positions_.resize(kept);
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
    if (verdict.code != Code::kUnschedulable &&
        verdict.code != Code::kUnschedulableAndUnresolvable) {
      selection.result = Selection::Result::kError;
      selection.status =
          running.Error(absl::StrCat("node \"", cycle.cluster.columns().name[feasible_[i]],
                                     "\": verdict ", ToAbsl(CodeName(verdict.code)), ": ",
                                     absl::StrJoin(filter.point->Reasons(cycle, verdict), ", ")));
      return false;
    }
    outcomes_[positions_[i]] = {true, &filter, verdict};
    rejected_now_.push_back(feasible_[i]);
  }
  if (rejected_now_.empty()) return true;
  feasible_.resize(kept);
  positions_.resize(kept);
  Diagnosis& diagnosis = selection.diagnosis;
  AddRejecting(diagnosis, filter.plugin, filter.point->filter_inputs());
  if (!filter.point->filter_inputs().Has(Input::kTime)) return true;
  const std::optional<absl::Time> until = filter.point->ValidUntil(cycle, rejected_now_);
  if (until.has_value() &&
      (!diagnosis.valid_until.has_value() || *until < *diagnosis.valid_until)) {
    diagnosis.valid_until = until;
  }
  return true;
}

void Filtering::Report(NodeSpan nodes, Selection& selection) const {
  Diagnosis& diagnosis = selection.diagnosis;
  diagnosis.rejections.reserve(nodes.size() - feasible_.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!outcomes_[i].rejected) continue;
    diagnosis.rejections.push_back({nodes[i], outcomes_[i].filter, outcomes_[i].verdict});
  }
  if (!diagnosis.rejections.empty()) Join(diagnosis.wake_inputs, {Input::kFeasibleCount});
}

}  // namespace heat_scheduler
