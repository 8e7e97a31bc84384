#include "plugins/defaults/default_preemption/default_preemption.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "plugins/defaults/default_preemption/choice.h"
#include "plugins/defaults/default_preemption/victim_memory.h"
#include "plugins/defaults/default_preemption/victims.h"
#include "scheduler/framework/diagnosis.h"

namespace heat_scheduler {
namespace {

// Returns what the filters said of the node; one that none of them has seen is beyond help.
Code CodeOf(const Diagnosis& diagnosis, NodeId node) {
  if (!diagnosis.pre_filter.ok()) return diagnosis.pre_filter.code;
  const std::optional<NodeRejection> found = diagnosis.rejections.Find(node);
  return found.has_value() ? found->verdict.code : Code::kUnschedulableAndUnresolvable;
}

// Returns true if a scheduler has made the pod leave, and it is on its way.
bool IsLeavingForAnother(const kube::Pod& pod) {
  if (!pod.metadata.deletion_timestamp.has_value()) return false;
  const auto& conditions = *pod.status.conditions;
  const auto found = std::find_if(
      conditions.begin(), conditions.end(),
      [](const kube::PodCondition& condition) { return condition.type == "DisruptionTarget"; });
  return found != conditions.end() && found->status == "True" &&
         found->reason == "PreemptionByScheduler";
}

// What the nodes in question came to: candidates, or, if there is none, why not.
struct Search {
  std::vector<std::shared_ptr<const PreemptionCandidate>> candidates;
  std::vector<const PreemptionCost*> costs;  // Of the candidates, which hold them.
  std::map<std::string, std::size_t> nodes_by_reason;
  std::set<std::string> errors;
};

// Brings what was found from the `first`-th on to the front.
template <typename T>
void Rotate(std::vector<T>& found, std::size_t first) {
  std::rotate(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(first), found.end());
}

// `nodes` are in the order of their names. `memory` may be null.
Search TryOut(const Cycle& cycle, NodeSpan nodes, std::size_t wanted, DryRuns& dry_runs,
              VictimMemory* memory) {
  Search search;
  search.candidates.reserve(wanted);
  search.costs.reserve(wanted);
  std::size_t violating = 0;
  std::size_t before_end = 0;  // Candidates found before the search began again at the first node.
  VictimSearch fresh;
  // Most nodes fail for the same reason as the one before.
  auto last = search.nodes_by_reason.end();
  const auto count = [&](const std::string& reason) {
    if (last == search.nodes_by_reason.end() || last->first != reason) {
      last = search.nodes_by_reason.try_emplace(reason, 0).first;
    }
    ++last->second;
  };
  const std::size_t start = nodes.empty() ? 0 : cycle.chance % nodes.size();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::size_t sound = search.candidates.size() - violating;
    if (sound > 0 && search.candidates.size() >= wanted) break;
    const bool again = start + i >= nodes.size();
    const NodeId node = nodes[again ? start + i - nodes.size() : start + i];
    if (memory == nullptr) fresh = FindVictims(cycle, node, dry_runs);
    const VictimSearch& looked = memory == nullptr ? fresh : memory->Of(cycle, node, dry_runs);
    if (looked.status.ok()) {
      const auto& victims = looked.found;
      const bool violates = victims->cost.pdb_violations > 0;
      if (violates && violating == wanted) continue;
      violating += violates ? 1 : 0;
      search.candidates.emplace_back(victims, &victims->candidate);
      search.costs.push_back(&victims->cost);
      if (!again) ++before_end;
      continue;
    }
    // Why others do not help is told only where none does.
    if (!search.candidates.empty()) continue;
    if (looked.status.code == Code::kError) search.errors.insert(looked.status.Message());
    for (const std::string& reason : looked.status.reasons) count(reason);
  }
  Rotate(search.candidates, before_end);
  Rotate(search.costs, before_end);
  return search;
}

// Returns the memory of what was found on nodes for such pods, or null if none can be kept.
VictimMemory* MemoryFor(const Plugin* plugin, const Cycle& cycle, const Diagnosis& diagnosis) {
  CycleState* keepsake = diagnosis.rejections.keepsake();
  if (keepsake == nullptr) return nullptr;
  auto* memory = keepsake->Find<VictimMemory>(plugin);
  if (memory == nullptr) memory = &keepsake->Put(plugin, std::make_unique<VictimMemory>());
  memory->Update(cycle);
  return memory;
}

// How many nodes come into question.
std::size_t NumberInQuestion(const Cycle& cycle, const Diagnosis& diagnosis) {
  if (diagnosis.pre_filter.code == Code::kUnschedulable) return cycle.cluster.nodes().size();
  std::size_t nodes = 0;
  for (const RejectionCount& count : diagnosis.rejections.Counts()) {
    if (count.verdict.code == Code::kUnschedulable) nodes += count.nodes;
  }
  return nodes;
}

// `nodes`: how many came into question.
PostFilterResult NoHelp(const Cycle& cycle, std::size_t nodes,
                        std::map<std::string, std::size_t> nodes_by_reason) {
  const std::size_t node_count = cycle.cluster.nodes().size();
  if (nodes < node_count) {
    nodes_by_reason["Preemption is not helpful for scheduling"] = node_count - nodes;
  }
  // A nomination from before leads nowhere, too.
  return {{Code::kUnschedulable, {FitErrorMessage(node_count, nodes_by_reason)}, ""}, ""};
}

std::string JoinErrors(const std::set<std::string>& errors) {
  if (errors.size() == 1) return *errors.begin();
  return absl::StrCat("[", absl::StrJoin(errors, ", "), "]");
}

}  // namespace

PostFilterResult DefaultPreemption::PostFilter(const Cycle& cycle, const Diagnosis& diagnosis,
                                               DryRuns& dry_runs) const {
  PostFilterResult result = Preempt(cycle, diagnosis, dry_runs);
  result.sought_victims = true;
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
  if (!cycle.cluster.AnyPodBelow(cycle.facts().priority)) {
    const std::size_t nodes = NumberInQuestion(cycle, diagnosis);
    std::map<std::string, std::size_t> reasons;
    if (nodes > 0) reasons[kNoVictims] = nodes;
    return NoHelp(cycle, nodes, std::move(reasons));
  }
  std::vector<NodeId> listed;
  const NodeSpan nodes = NodesInQuestion(cycle, diagnosis, listed);
  Search search = TryOut(cycle, nodes, args_.WantedCandidates(nodes.size()), dry_runs,
                         MemoryFor(this, cycle, diagnosis));
  if (search.candidates.empty()) {
    if (!search.errors.empty()) return {{Code::kError, {JoinErrors(search.errors)}, ""}};
    return NoHelp(cycle, nodes.size(), std::move(search.nodes_by_reason));
  }
  Preemption preemption;
  preemption.acceptable = BestOf(search.costs, cycle.now.wall);
  preemption.chosen = preemption.acceptable.front();
  preemption.candidates = std::move(search.candidates);
  const NodeId node = preemption.candidates[preemption.chosen]->node;
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

NodeSpan DefaultPreemption::NodesInQuestion(const Cycle& cycle, const Diagnosis& diagnosis,
                                            std::vector<NodeId>& listed) {
  const NodeSpan all = cycle.cluster.nodes();
  if (NumberInQuestion(cycle, diagnosis) == all.size()) return all;
  listed = diagnosis.rejections.NodesWith(Code::kUnschedulable);
  return listed;
}

}  // namespace heat_scheduler
