#include "scheduler/core/node_filters.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace {

bool SamePod(const PodFacts& a, const PodFacts& b) {
  return a.uid == b.uid && a.name == b.name && a.namespace_ == b.namespace_;
}

bool IsRival(const Cycle& cycle, const PodRecord& nominated) {
  return nominated.facts.priority >= cycle.facts().priority &&
         !SamePod(nominated.facts, cycle.facts());
}

// Tells the plugins that a pod is counted on (off) the node for a look.
template <typename Tell>
void TellPreFilters(const Profile& profile, const Cycle& cycle, std::string_view point,
                    RunningPlugin& running, Tell tell) {
  for (const auto& entry : profile.pre_filter()) {
    if (cycle.state.FilterSkipped(entry.plugin)) continue;
    running = {entry.plugin, point};
    tell(*entry.point);
  }
}

std::optional<NodeRejection> FilterOnce(const Profile& profile, const Cycle& cycle, NodeId node,
                                        RunningPlugin& running) {
  for (const auto& entry : profile.filter()) {
    if (cycle.state.FilterSkipped(entry.plugin)) continue;
    running = {entry.plugin, "Filter"};
    Verdict verdict;
    entry.point->Filter(cycle, NodeSpan(&node, 1), absl::MakeSpan(&verdict, 1));
    if (!verdict.ok()) return NodeRejection{node, &entry, verdict};
  }
  return std::nullopt;
}

class NodeDryRun final : public DryRun {
 public:
  NodeDryRun(const Profile& profile, const Cycle& cycle, NodeId node, RunningPlugin& running)
      : profile_(profile),
        state_(cycle.state.Clone()),
        cycle_{cycle.cluster, cycle.pod, state_, cycle.now, cycle.chance},
        node_(node),
        what_if_(cycle.cluster, node),
        running_(running) {}

  void Remove(const PodRecord& pod) override {
    what_if_.Remove(pod);
    const RunningPlugin caller = running_;
    TellPreFilters(profile_, cycle_, "RemovePod", running_,
                   [&](const PreFilterPlugin& plugin) { plugin.RemovePod(cycle_, pod, node_); });
    running_ = caller;
  }

  void Add(const PodRecord& pod) override {
    what_if_.Add(pod);
    const RunningPlugin caller = running_;
    TellPreFilters(profile_, cycle_, "AddPod", running_,
                   [&](const PreFilterPlugin& plugin) { plugin.AddPod(cycle_, pod, node_); });
    running_ = caller;
  }

  Status Filter() override {
    const auto rejection = Rejection();
    return rejection.has_value() ? StatusOf(cycle_, *rejection) : Status{};
  }

  bool Passes() override { return !Rejection().has_value(); }

 private:
  std::optional<NodeRejection> Rejection() {
    const RunningPlugin caller = running_;
    const auto rejection = FilterNode(profile_, cycle_, node_, running_);
    running_ = caller;
    return rejection;
  }

  const Profile& profile_;
  CycleState state_;
  const Cycle cycle_;
  const NodeId node_;
  ClusterState::WhatIf what_if_;
  RunningPlugin& running_;
};

class CycleDryRuns final : public DryRuns {
 public:
  CycleDryRuns(const Profile& profile, const Cycle& cycle, RunningPlugin& running)
      : profile_(profile), cycle_(cycle), running_(running) {}

  std::unique_ptr<DryRun> On(NodeId node) override {
    RunPreFilters();
    return std::make_unique<NodeDryRun>(profile_, cycle_, node, running_);
  }

 private:
  // Runs those that the selection could do without.
  void RunPreFilters() {
    const RunningPlugin caller = running_;
    for (const auto& entry : profile_.pre_filter()) {
      if (cycle_.state.PreFilterRan(entry.plugin)) continue;
      running_ = {entry.plugin, "PreFilter"};
      const PreFilterResult result = entry.point->PreFilter(cycle_);
      cycle_.state.NotePreFilter(entry.plugin, result.status.code == Code::kSkip);
    }
    running_ = caller;
  }

  const Profile& profile_;
  const Cycle& cycle_;
  RunningPlugin& running_;
};

}  // namespace

bool HasRivals(const Cycle& cycle, NodeId node) {
  if (cycle.cluster.nomination_count() == 0) return false;
  const auto& nominated = cycle.cluster.columns().nominated[node];
  return std::any_of(nominated.begin(), nominated.end(),
                     [&](const PodRecord* pod) { return IsRival(cycle, *pod); });
}

std::optional<NodeRejection> FilterNode(const Profile& profile, const Cycle& cycle, NodeId node,
                                        RunningPlugin& running) {
  if (HasRivals(cycle, node)) {
    ClusterState::WhatIf with_rivals(cycle.cluster, node);
    CycleState state = cycle.state.Clone();
    const Cycle look{cycle.cluster, cycle.pod, state, cycle.now, cycle.chance};
    for (const PodRecord* pod : cycle.cluster.columns().nominated[node]) {
      if (!IsRival(cycle, *pod)) continue;
      with_rivals.Add(*pod);
      TellPreFilters(profile, look, "AddPod", running,
                     [&](const PreFilterPlugin& plugin) { plugin.AddPod(look, *pod, node); });
    }
    if (auto rejection = FilterOnce(profile, look, node, running)) return rejection;
  }
  return FilterOnce(profile, cycle, node, running);
}

Status StatusOf(const Cycle& cycle, const NodeRejection& rejection) {
  const Plugin* plugin = rejection.filter->plugin;
  std::vector<std::string> reasons = rejection.filter->point->Reasons(cycle, rejection.verdict);
  const Code code = rejection.verdict.code;
  if (rejection.verdict.rejected()) {
    return {code, std::move(reasons), std::string(plugin->name())};
  }
  const RunningPlugin running{plugin, "Filter"};
  if (code == Code::kError) return running.Error(absl::StrJoin(reasons, ", "));
  return running.Error(absl::StrCat("node \"", cycle.cluster.columns().name[rejection.node],
                                    "\": verdict ", ToAbsl(CodeName(code)), ": ",
                                    absl::StrJoin(reasons, ", ")));
}

std::unique_ptr<DryRuns> MakeDryRuns(const Profile& profile, const Cycle& cycle,
                                     RunningPlugin& running) {
  return std::make_unique<CycleDryRuns>(profile, cycle, running);
}

}  // namespace heat_scheduler
