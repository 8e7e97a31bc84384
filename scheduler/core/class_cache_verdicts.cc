// Which nodes pass for a class of pods, and on what the others fail.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "scheduler/core/class_cache.h"
#include "scheduler/core/node_filters.h"

namespace heat_scheduler {

// Leaves in living and standing those that pass; notes on what the others fail.
bool ClassCache::RunFilters(const Cycle& cycle) {
  const Cycle own = CycleOf(cycle);
  work_.refusals.clear();
  return RunFiltersOn(own, filters_, work_.living) &&
         RunFiltersOn(own, restless_filters_, work_.standing) && FilterWithRivals(own);
}

bool ClassCache::RunFiltersOn(const Cycle& own,
                              const std::vector<const ProfilePlan::Filter*>& filters,
                              std::vector<NodeId>& rows) {
  for (const ProfilePlan::Filter* filter : filters) {
    if (rows.empty()) break;
    const absl::Span<Verdict> verdicts = Fresh(work_.verdicts, rows.size());
    filter->entry->point->Filter(own, rows, verdicts);
    if (std::all_of(verdicts.begin(), verdicts.end(),
                    [](const Verdict& verdict) { return verdict.ok(); })) {
      continue;
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (verdicts[i].ok()) {
        rows[kept++] = rows[i];
      } else if (verdicts[i].rejected()) {
        const auto place = static_cast<std::size_t>(filter - plan_.filters.data());
        work_.refusals.push_back({rows[i], {place, verdicts[i], false, {}}});
      } else {
        return false;
      }
    }
    rows.resize(kept);
  }
  return true;
}

// Looks at the rows of with_rivals; adds to living those that pass. Filters that ask by groups
// are left out.
bool ClassCache::FilterWithRivals(const Cycle& own) {
  RunningPlugin running;
  for (const NodeId row : work_.with_rivals) {
    const std::optional<NodeRejection> rejection = FilterNode(*plan_.profile, own, row, running);
    if (!rejection.has_value()) {
      work_.living.push_back(row);
      continue;
    }
    if (!rejection->verdict.rejected()) return false;
    const auto place = static_cast<std::size_t>(rejection->filter - plan_.profile->filter().data());
    work_.refusals.push_back({row, {place, rejection->verdict, true, {}}});
  }
  return true;
}

void ClassCache::NoteRefusals(const Cycle& cycle) {
  const Cycle own = CycleOf(cycle);
  for (auto& [row, refusal] : work_.refusals) {
    for (std::size_t m = 0; m < memories_.size() && !refusal.with_rivals; ++m) {
      if (plan_.grouping[m].filter >= refusal.filter) break;
      const std::size_t before = refusal.features.size();
      refusal.features.resize(before + memories_[m]->feature_count());
      memories_[m]->Features(row, absl::MakeSpan(refusal.features).subspan(before));
    }
    groups_->Remove(row);
    refused_.Refuse(row, refusal,
                    [&filter = *plan_.filters[refusal.filter].entry, &own,
                     &verdict = refusal.verdict] { return ReasonsOf(filter, own, verdict); });
  }
}

bool ClassCache::RunPreFilterOf(const Cycle& cycle, const ProfilePlan::PreFilter& pre_filter) {
  const auto& entry = *pre_filter.entry;
  if (cycle.state.PreFilterRan(entry.plugin)) return true;
  const PreFilterResult result = entry.point->PreFilter(cycle);
  const bool skip = result.status.code == Code::kSkip;
  if ((!skip && !result.status.ok()) || result.node_names.has_value()) return false;
  const bool own_answer = pre_filter.claims && !cycle.facts().claims.empty();
  if (!own_answer && skip != state_.FilterSkipped(entry.plugin)) return false;
  cycle.state.NotePreFilter(entry.plugin, skip);
  return true;
}

bool ClassCache::RunPreFiltersOf(const Cycle& cycle, bool of_groups) {
  for (const ProfilePlan::PreFilter& pre_filter : plan_.pre_filters) {
    const auto& entry = *pre_filter.entry;
    if (pre_filter.grouping == ProfilePlan::kNowhere) {
      if (!RunPreFilterOf(cycle, pre_filter)) return false;
    } else if (cycle.state.PreFilterRan(entry.plugin)) {
      continue;
    } else if (memories_[pre_filter.grouping]->FilterSkips()) {
      cycle.state.NotePreFilter(entry.plugin, true);
    } else if (of_groups) {
      const PreFilterResult result = entry.point->PreFilter(cycle);
      if (!result.status.ok() || result.node_names.has_value()) return false;
      cycle.state.NotePreFilter(entry.plugin, false);
    }
  }
  return true;
}

bool ClassCache::GroupFiltersSkip() const {
  for (std::size_t m = 0; m < memories_.size(); ++m) {
    if (plan_.grouping[m].filter != ProfilePlan::kNowhere && !memories_[m]->FilterSkips()) {
      return false;
    }
  }
  return true;
}

// Returns true if a living node has pods nominated to it that the cycle's pod leaves room for.
bool ClassCache::AnyRivals(const Cycle& cycle) const {
  const NodeSpan rows = cycle.cluster.nominated_rows();
  return std::any_of(rows.begin(), rows.end(), [&](NodeId row) {
    return cycle.cluster.columns().node[row] != nullptr && HasRivals(cycle, row);
  });
}

// Looks at nominations, the pod's own and others'. If the pod's own node passes, it is chosen; if
// not, `rejected` says why. Returns false if it takes more than is kept.
bool ClassCache::LookAtNominated(const Cycle& cycle, Selection& selection,
                                 std::optional<NodeRejection>& rejected) {
  if (cycle.cluster.nomination_count() == 0 && cycle.pod.nominated_node_name.empty()) return true;
  // Counts beyond a node would change with every pod that is nominated to one.
  if (!GroupFiltersSkip() && AnyRivals(cycle)) return false;
  if (cycle.pod.nominated_node_name.empty()) return true;
  const NodeId node = cycle.cluster.FindNode(cycle.pod.nominated_node_name);
  if (node == kNoNode) return true;
  if (!RunPreFiltersOf(cycle, true)) return false;
  RunningPlugin running;
  rejected = FilterNode(*plan_.profile, cycle, node, running);
  if (rejected.has_value()) {
    return rejected->verdict.rejected() && refused_.Of(node) != RefusedRows::kNone;
  }
  selection.nominated = true;
  selection.node = node;
  selection.feasible_count = 1;
  selection.diagnosis.node_count = order_.size();
  selection.result = Selection::Result::kChosen;
  return true;
}

// Sets the groups that the grouping plugins let pass.
void ClassCache::CollectGroups() {
  work_.race.clear();
  work_.numbers.clear();
  work_.refused_groups.clear();
  for (std::size_t group = 0; group < groups_->count(); ++group) {
    if (groups_->size(group) == 0) continue;
    work_.race.push_back({groups_->any(group), groups_->size(group), nullptr});
    work_.numbers.push_back(group);
  }
  for (std::size_t m = 0; m < memories_.size(); ++m) {
    const std::size_t filter = plan_.grouping[m].filter;
    if (filter == ProfilePlan::kNowhere || work_.race.empty() || memories_[m]->FilterSkips()) {
      continue;
    }
    ShowFeatures(m);
    work_.verdicts.assign(work_.race.size(), {});
    memories_[m]->Filter(work_.race, absl::MakeSpan(work_.verdicts));
    std::size_t kept = 0;
    for (std::size_t i = 0; i < work_.race.size(); ++i) {
      if (!work_.verdicts[i].ok()) {
        work_.refused_groups.push_back({work_.numbers[i], filter, work_.verdicts[i]});
        continue;
      }
      work_.race[kept] = work_.race[i];
      work_.numbers[kept++] = work_.numbers[i];
    }
    work_.race.resize(kept);
    work_.numbers.resize(kept);
  }
}

// Shows the groups in the race by what the memory knows them by.
void ClassCache::ShowFeatures(std::size_t memory) {
  for (std::size_t i = 0; i < work_.race.size(); ++i) {
    work_.race[i].features = groups_->features(work_.numbers[i]).data() + offsets_[memory];
  }
}

// Says what the rows of each kind failed on: a filter that asks by groups may come first.
void ClassCache::JudgeKinds() {
  const auto& kinds = refused_.kinds();
  for (RefusedRows::Number number = 1; number < kinds.size(); ++number) {
    if (kinds[number].rows == 0) continue;
    const RefusedRows::Refusal& refusal = kinds[number].refusal;
    std::size_t filter = refusal.filter;
    Verdict verdict = refusal.verdict;
    std::size_t offset = 0;
    for (std::size_t m = 0; offset < refusal.features.size(); ++m) {
      const NodeGroup group = {kNoNode, kinds[number].rows, refusal.features.data() + offset};
      Verdict its;
      memories_[m]->Filter({&group, 1}, absl::MakeSpan(&its, 1));
      if (!its.ok()) {
        filter = plan_.grouping[m].filter;
        verdict = its;
        break;
      }
      offset += memories_[m]->feature_count();
    }
    rejections_.SetKind(number, filter, verdict);
  }
}

bool ClassCache::Diagnose(const Cycle& cycle, const std::optional<NodeRejection>& nominated,
                          Selection& selection) {
  if (!RunPreFiltersOf(cycle, false)) return false;
  rejections_.Start(refused_, *groups_);
  JudgeKinds();
  for (const auto& [number, filter, verdict] : work_.refused_groups) {
    rejections_.SetGroup(number, filter, verdict);
  }
  if (nominated.has_value()) rejections_.SetNode(*nominated);
  if (GroupFiltersSkip()) rejections_.OfferKeepsake();
  selection.result = Selection::Result::kUnschedulable;
  rejections_.Describe(cycle, selection.diagnosis);
  return true;
}

}  // namespace heat_scheduler
