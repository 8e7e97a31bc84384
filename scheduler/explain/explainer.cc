#include "scheduler/explain/explainer.h"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/random.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "scheduler/core/guard.h"
#include "scheduler/explain/explanation.h"
#include "scheduler/state/cluster_snapshot.h"

namespace heat_scheduler {
namespace {

using nlohmann::ordered_json;

bool IsOf(const kube::Pod& pod, std::string_view namespace_, std::string_view name) {
  return pod.metadata.namespace_ == namespace_ && pod.metadata.name == name;
}

ordered_json MarkDocument(const DecisionMark& mark) {
  return {{"number", mark.number},
          {"time", FormatRfc3339Micro(mark.now.wall)},
          {"attempt", mark.attempt},
          {"node", mark.node}};
}

// Returns where the pod is now.
ordered_json PodNow(const ClusterState& cluster, const kube::Pod& pod) {
  const PodRecord* record = cluster.FindPod(PodKey(pod.metadata));
  if (record == nullptr) return {{"state", "Gone"}};
  const char* state = "Pending";
  if (record->where == PodRecord::Where::kAssumed) state = "Binding";
  if (record->where == PodRecord::Where::kBound) state = "Bound";
  if (record->where == PodRecord::Where::kTerminated) state = "Terminated";
  ordered_json now = {{"state", state}};
  if (record->node != kNoNode) now["node"] = cluster.columns().name[record->node];
  if (!record->nominated_node_name.empty()) now["nominatedNode"] = record->nominated_node_name;
  return now;
}

// The decisions on pods of a name that are kept, by their places in the history.
std::vector<std::size_t> DecisionsOn(const History& history, std::string_view namespace_,
                                     std::string_view name) {
  std::vector<std::size_t> places;
  const auto& entries = history.entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto* mark = std::get_if<DecisionMark>(&entries[i].entry);
    if (mark != nullptr && IsOf(*mark->pod, namespace_, name)) places.push_back(i);
  }
  return places;
}

}  // namespace

absl::StatusOr<ordered_json> Explainer::Explain(std::string_view namespace_, std::string_view name,
                                                std::optional<std::uint64_t> number) const {
  const History* history = scheduler_.history();
  if (history == nullptr) {
    return absl::FailedPreconditionError(
        "no decisions are kept; start heat-scheduler with --decision-history-bytes above 0");
  }
  const auto mark_at = [&](std::size_t place) -> const DecisionMark& {
    return std::get<DecisionMark>(history->entries()[place].entry);
  };
  const std::vector<std::size_t> places = DecisionsOn(*history, namespace_, name);
  std::optional<std::size_t> place;
  for (const std::size_t one : places) {
    if (!number.has_value() || mark_at(one).number == *number) place = one;
  }
  if (!place.has_value()) return WhyNot(namespace_, name, number);

  const DecisionMark& mark = mark_at(*place);
  ClusterSnapshot snapshot(scheduler_.cluster());
  for (std::size_t i = history->entries().size(); i-- > *place;) {
    snapshot.Undo(history->entries()[i].entry);
  }
  ClusterState cluster;
  snapshot.Restore(cluster);
  ASSIGN_OR_RETURN(const Profile profile, make_profile_(mark.pod->spec->scheduler_name));
  const PodRecord* pod = cluster.FindPod(PodKey(mark.pod->metadata));
  if (pod == nullptr) return absl::InternalError("the history has lost the pod");
  const SchedulerOptions& options = scheduler_.options();
  ordered_json document = heat_scheduler::Explain({profile, cluster, *pod, mark.now, mark.number,
                                                   Mix(options.seed, mark.number), options.tie_rule,
                                                   options.seed, mark.search_start});
  document["decision"] = MarkDocument(mark);
  // Only a mistake of ours can make it differ, and who reads it has to know.
  if (document.value("node", "") != mark.node) {
    document["differs"] =
        absl::StrCat("decided again it comes to another node than the first time, ",
                     Quoted(mark.node), ": please report it");
  }
  document["now"] = PodNow(scheduler_.cluster(), *mark.pod);
  ordered_json& kept = document["decisionsKept"] = ordered_json::array();
  for (const std::size_t one : places) kept.push_back(MarkDocument(mark_at(one)));
  return document;
}

absl::Status Explainer::WhyNot(std::string_view namespace_, std::string_view name,
                               std::optional<std::uint64_t> number) const {
  const std::string pod =
      absl::StrCat("pod ", Quoted(absl::StrCat(ToAbsl(namespace_), "/", ToAbsl(name))));
  if (number.has_value()) {
    return absl::NotFoundError(absl::StrCat(
        "decision ", *number, " on ", pod,
        " is not known or no longer kept; --decision-history-bytes says how much is kept"));
  }
  const ClusterState& cluster = scheduler_.cluster();
  const PodRecord* record = cluster.FindPodNamed(namespace_, name);
  if (record == nullptr) {
    return absl::NotFoundError(
        absl::StrCat(pod,
                     " is not known: it does not exist, or is no pod of this scheduler's and "
                     "on no node"));
  }
  const std::string& scheduler_name = record->pod->spec->scheduler_name;
  if (!scheduler_.Owns(scheduler_name)) {
    return absl::NotFoundError(absl::StrCat(pod, " is not decided on here: its schedulerName is ",
                                            Quoted(scheduler_name)));
  }
  if (record->node != kNoNode) {
    return absl::NotFoundError(absl::StrCat(
        pod, " is on node ", Quoted(cluster.columns().name[record->node]),
        ", but the decision is not kept: it is older than what --decision-history-bytes allows, or "
        "was made before this scheduler began or by another"));
  }
  if (record->where == PodRecord::Where::kTerminated) {
    return absl::NotFoundError(absl::StrCat(pod, " has terminated, and no decision on it is kept"));
  }
  if (record->pod->metadata.deletion_timestamp.has_value()) {
    return absl::NotFoundError(absl::StrCat(pod, " is being deleted and is not decided on"));
  }
  ASSIGN_OR_RETURN(const Profile profile, make_profile_(scheduler_name));
  for (const auto& entry : profile.pre_enqueue()) {
    const auto [status, thrown] = Guard<Status>({entry.plugin, "PreEnqueue"},
                                                [&] { return entry.point->PreEnqueue(*record); });
    const Status& said = thrown.has_value() ? *thrown : status;
    if (said.ok()) continue;
    return absl::NotFoundError(absl::StrCat(pod, " is not let into the queue by plugin ",
                                            ToAbsl(entry.plugin->name()), ": ", said.Message()));
  }
  return absl::NotFoundError(
      absl::StrCat(pod,
                   " is pending, and no decision on it is kept: it waits for its first attempt, "
                   "or its last attempt is older than what --decision-history-bytes allows"));
}

}  // namespace heat_scheduler
