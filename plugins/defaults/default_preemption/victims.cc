#include "plugins/defaults/default_preemption/victims.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/selectors.h"

namespace heat_scheduler {
namespace {

// A budget, and how many more evictions it allows.
struct Budget {
  const kube::PodDisruptionBudget* budget;
  std::int32_t left;
};

bool Selects(const kube::PodDisruptionBudget& budget, const PodRecord& pod) {
  if (budget.metadata.namespace_ != pod.facts.namespace_) return false;
  // Without a selector, or with an empty one, a budget is for no pod.
  const auto& selector = budget.selector;
  if (!selector.has_value() || *selector == kube::LabelSelector{}) return false;
  if (!kube::Matches(*selector, pod.pod->metadata.labels)) return false;
  const auto& disrupted = budget.disrupted_pods;
  return std::find(disrupted.begin(), disrupted.end(), pod.facts.name) == disrupted.end();
}

// Returns since when all that have started had; the distant past if all have, or none has.
absl::Time OrderHoldsFrom(const std::vector<const PodRecord*>& pods) {
  bool all_started = true;
  absl::Time last = absl::InfinitePast();
  for (const PodRecord* pod : pods) {
    const auto& started = pod->pod->status.start_time;
    all_started = all_started && started.has_value();
    if (started.has_value()) last = std::max(last, *started);
  }
  return all_started ? absl::InfinitePast() : last;
}

}  // namespace

absl::Time StartTime(const PodRecord& pod, absl::Time now) {
  return pod.pod->status.start_time.value_or(now);
}

bool MayPreempt(const PodRecord& preemptor, const PodRecord& victim) {
  return victim.facts.priority < preemptor.facts.priority;
}

bool MoreImportant(const PodRecord& a, const PodRecord& b, absl::Time now) {
  if (a.facts.priority != b.facts.priority) return a.facts.priority > b.facts.priority;
  const absl::Time a_started = StartTime(a, now);
  const absl::Time b_started = StartTime(b, now);
  return std::tie(a_started, a.facts.namespace_, a.facts.name) <
         std::tie(b_started, b.facts.namespace_, b.facts.name);
}

SplitByBudget SplitByBudgets(const std::vector<const PodRecord*>& pods,
                             const ClusterObjects& objects) {
  std::vector<Budget> budgets;
  for (const auto& [key, budget] : objects.all<kube::PodDisruptionBudget>()) {
    budgets.push_back({budget.get(), budget->disruptions_allowed});
  }
  SplitByBudget split;
  for (const PodRecord* pod : pods) {
    bool violates = false;
    if (!pod->pod->metadata.labels.empty()) {
      for (Budget& budget : budgets) {
        // Every budget that selects the pod is charged for it.
        if (Selects(*budget.budget, *pod) && --budget.left < 0) violates = true;
      }
    }
    (violates ? split.violating : split.others).push_back(pod);
  }
  return split;
}

VictimSearch FindVictims(const Cycle& cycle, NodeId node, DryRuns& dry_runs) {
  VictimSearch search;
  PreemptionCandidate candidate;
  candidate.node = node;
  const NodeColumns& columns = cycle.cluster.columns();

  std::vector<const PodRecord*> potential;
  for (const PodRecord* pod : columns.pods[node]) {
    if (MayPreempt(cycle.pod, *pod)) potential.push_back(pod);
  }
  if (potential.empty()) {
    search.status = {Code::kUnschedulableAndUnresolvable, {kNoVictims}, ""};
    return search;
  }
  const std::unique_ptr<DryRun> dry_run = dry_runs.On(node);
  for (const PodRecord* pod : potential) dry_run->Remove(*pod);
  search.status = dry_run->Filter();
  if (!search.status.ok()) return search;

  search.holds_from = OrderHoldsFrom(potential);
  const auto more_important = [&](const PodRecord* a, const PodRecord* b) {
    return MoreImportant(*a, *b, cycle.now.wall);
  };
  std::sort(potential.begin(), potential.end(), more_important);
  const SplitByBudget split = SplitByBudgets(potential, cycle.cluster.objects());
  const auto is_victim = [&](const PodRecord* pod) {
    dry_run->Add(*pod);
    if (dry_run->Passes()) return false;
    dry_run->Remove(*pod);
    candidate.victims.push_back(pod);
    return true;
  };
  for (const PodRecord* pod : split.violating) {
    if (is_victim(pod)) ++candidate.pdb_violations;
  }
  for (const PodRecord* pod : split.others) is_victim(pod);
  std::sort(candidate.victims.begin(), candidate.victims.end(), more_important);
  if (candidate.victims.empty()) {
    search.status = {
        Code::kError,
        {absl::StrCat("expected at least one victim pod on node \"", columns.name[node], "\"")},
        ""};
    return search;
  }
  const PreemptionCost cost = CostOf(candidate);
  search.found = std::make_shared<const FoundVictims>(FoundVictims{std::move(candidate), cost});
  return search;
}

}  // namespace heat_scheduler
