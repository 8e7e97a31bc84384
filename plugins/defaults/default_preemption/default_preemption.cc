#include "plugins/defaults/default_preemption/default_preemption.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "plugins/defaults/default_preemption/choice.h"
#include "plugins/defaults/default_preemption/victims.h"
#include "scheduler/framework/diagnosis.h"

namespace heat_scheduler {
namespace {

// Returns what the filters said of the node; one that none of them has seen is beyond help.
Code CodeOf(const Diagnosis& diagnosis, NodeId node) {
  if (!diagnosis.pre_filter.ok()) return diagnosis.pre_filter.code;
  const auto& rejections = diagnosis.rejections;
  const auto found =
      std::find_if(rejections.begin(), rejections.end(),
                   [node](const NodeRejection& rejection) { return rejection.node == node; });
  return found == rejections.end() ? Code::kUnschedulableAndUnresolvable : found->verdict.code;
}

// Returns true if a scheduler has made the pod leave, and it is on its way.
bool IsLeavingForAnother(const kube::Pod& pod) {
  if (!pod.metadata.deletion_timestamp.has_value()) return false;
  const auto& conditions = pod.status.conditions;
  const auto found = std::find_if(
      conditions.begin(), conditions.end(),
      [](const kube::PodCondition& condition) { return condition.type == "DisruptionTarget"; });
  return found != conditions.end() && found->status == "True" &&
         found->reason == "PreemptionByScheduler";
}

// What the nodes in question came to.
struct Search {
  std::vector<PreemptionCandidate> candidates;
  std::map<std::string, std::size_t> nodes_by_reason;
  std::set<std::string> errors;
};

Search TryOut(const Cycle& cycle, const std::vector<NodeId>& nodes, std::size_t wanted,
              DryRuns& dry_runs) {
  Search search;
  std::size_t violating = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::size_t sound = search.candidates.size() - violating;
    if (sound > 0 && search.candidates.size() >= wanted) break;
    const NodeId node = nodes[(cycle.chance % nodes.size() + i) % nodes.size()];
    VictimSearch found = FindVictims(cycle, node, dry_runs);
    if (found.status.ok()) {
      const bool violates = found.candidate.pdb_violations > 0;
      if (violates && violating == wanted) continue;
      violating += violates ? 1 : 0;
      search.candidates.push_back(std::move(found.candidate));
      continue;
    }
    if (found.status.code == Code::kError) search.errors.insert(found.status.Message());
    for (std::string& reason : found.status.reasons) ++search.nodes_by_reason[std::move(reason)];
  }
  const auto& names = cycle.cluster.columns().name;
  std::sort(search.candidates.begin(), search.candidates.end(),
            [&](const PreemptionCandidate& a, const PreemptionCandidate& b) {
              return names[a.node] < names[b.node];
            });
  return search;
}

std::string JoinErrors(const std::set<std::string>& errors) {
  if (errors.size() == 1) return *errors.begin();
  return absl::StrCat("[", absl::StrJoin(errors, ", "), "]");
}

}  // namespace

PostFilterResult DefaultPreemption::PostFilter(const Cycle& cycle, const Diagnosis& diagnosis,
                                               DryRuns& dry_runs) const {
  PostFilterResult result = Preempt(cycle, diagnosis, dry_runs);
  if (const std::string message = result.status.Message(); !message.empty()) {
    result.status.reasons = {"preemption: " + message};
  }
  return result;
}

PostFilterResult DefaultPreemption::Preempt(const Cycle& cycle, const Diagnosis& diagnosis,
                                            DryRuns& dry_runs) const {
  if (std::string why_not = WhyNotEligible(cycle, diagnosis); !why_not.empty()) {
    return {{Code::kUnschedulable, {std::move(why_not)}, ""}};
  }
  const std::vector<NodeId> nodes = NodesInQuestion(cycle, diagnosis);
  Search search = TryOut(cycle, nodes, args_.WantedCandidates(nodes.size()), dry_runs);
  if (search.candidates.empty()) {
    if (!search.errors.empty()) return {{Code::kError, {JoinErrors(search.errors)}, ""}};
    const std::size_t node_count = cycle.cluster.nodes().size();
    if (nodes.size() < node_count) {
      search.nodes_by_reason["Preemption is not helpful for scheduling"] =
          node_count - nodes.size();
    }
    // A nomination from before leads nowhere, too.
    return {{Code::kUnschedulable, {FitErrorMessage(node_count, search.nodes_by_reason)}, ""}, ""};
  }
  Preemption preemption;
  preemption.acceptable = BestCandidates(search.candidates, cycle.now.wall);
  preemption.chosen = preemption.acceptable.front();
  preemption.candidates = std::move(search.candidates);
  const NodeId node = preemption.candidates[preemption.chosen].node;
  return {{}, cycle.cluster.columns().name[node], std::move(preemption)};
}

std::string DefaultPreemption::WhyNotEligible(const Cycle& cycle, const Diagnosis& diagnosis) {
  if (!cycle.facts().preempts) return "not eligible due to preemptionPolicy=Never.";
  if (cycle.pod.nominated_node_name.empty()) return "";
  const NodeId node = cycle.cluster.FindNode(cycle.pod.nominated_node_name);
  // There it will never fit; the pod may look for another.
  if (CodeOf(diagnosis, node) == Code::kUnschedulableAndUnresolvable || node == kNoNode) return "";
  for (const PodRecord* pod : cycle.cluster.columns().pods[node]) {
    if (MayPreempt(cycle.pod, *pod) && IsLeavingForAnother(*pod->pod)) {
      return "not eligible due to a terminating pod on the nominated node.";
    }
  }
  return "";
}

std::vector<NodeId> DefaultPreemption::NodesInQuestion(const Cycle& cycle,
                                                       const Diagnosis& diagnosis) {
  std::vector<NodeId> nodes;
  if (diagnosis.pre_filter.code == Code::kUnschedulable) {
    nodes.assign(cycle.cluster.nodes().begin(), cycle.cluster.nodes().end());
  }
  for (const NodeRejection& rejection : diagnosis.rejections) {
    if (rejection.verdict.code == Code::kUnschedulable) nodes.push_back(rejection.node);
  }
  return nodes;
}

}  // namespace heat_scheduler
