// G11: who is made to leave, and for whom room is kept.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "kube/selectors.h"
#include "tests/faults/invariants.h"

namespace heat_scheduler {
namespace {

using Budgets = std::vector<kube::Ref<kube::PodDisruptionBudget>>;

bool Contains(const std::vector<std::string>& uids, const std::string& uid) {
  return std::find(uids.begin(), uids.end(), uid) != uids.end();
}

bool IsMarked(const kube::Pod& pod) {
  const auto& conditions = *pod.status.conditions;
  return std::any_of(conditions.begin(), conditions.end(), [](const kube::PodCondition& shown) {
    return shown.type == "DisruptionTarget" && shown.status == "True" &&
           shown.reason == "PreemptionByScheduler";
  });
}

bool Selects(const kube::PodDisruptionBudget& budget, const kube::Pod& pod) {
  return budget.metadata.namespace_ == pod.metadata.namespace_ && budget.selector.has_value() &&
         !(*budget.selector == kube::LabelSelector{}) &&
         kube::Matches(*budget.selector, pod.metadata.labels);
}

bool IsCoveredBy(const Budgets& budgets, const kube::Pod& pod) {
  return std::any_of(budgets.begin(), budgets.end(),
                     [&](const auto& budget) { return Selects(*budget, pod); });
}

// Returns true if some budget has nothing left for the pod, whoever else is taken.
bool IsProtectedBy(const Budgets& budgets, const kube::Pod& pod) {
  return std::any_of(budgets.begin(), budgets.end(), [&](const auto& budget) {
    const auto& gone = budget->disrupted_pods;
    return Selects(*budget, pod) && budget->disruptions_allowed <= 0 &&
           std::find(gone.begin(), gone.end(), pod.metadata.name) == gone.end();
  });
}

}  // namespace

void InvariantChecker::CheckKeptRoom(const Decision& decision, const kube::Pod& pod,
                                     const kube::Node& node) {
  PodRefs others = history_.PodsOn(decision.node, decision.view.pods);
  std::string kept_for;
  for (const auto& [uid, nominated_to] : decision.nominations) {
    if (nominated_to != decision.node || uid == pod.metadata.uid || Holds(others, uid)) continue;
    kube::Ref<kube::Pod> other = history_.PodAt(uid, decision.view.pods);
    if (other == nullptr || other->spec->priority < pod.spec->priority) continue;
    absl::StrAppend(&kept_for, " ", NameOf(*other));
    others.push_back(std::move(other));
  }
  if (kept_for.empty()) return;
  if (const std::string why = WhyOvercommitted(pod, node, others); !why.empty()) {
    Report("G11", decision.time,
           absl::StrCat(NameOf(pod), " was given room on ", decision.node, " that is kept for",
                        kept_for, ": ", why));
  }
}

void InvariantChecker::CheckPreemption(const Decision& decision) {
  const kube::Ref<kube::Pod> pod = history_.PodAt(decision.pod_uid, decision.view.pods);
  if (pod == nullptr) return;  // CheckRefusal is not about it either.
  std::string wrong = WhyNotEligible(decision, *pod);
  for (const std::string& victim : decision.victims) {
    if (wrong.empty()) wrong = WhyNoVictim(decision, *pod, victim);
  }
  if (wrong.empty() && !HasClaims(*pod)) wrong = WhyNeedless(decision, *pod);
  if (wrong.empty() && !HasClaims(*pod)) wrong = WhyUnprotected(decision, *pod);
  if (wrong.empty()) return;
  Report("G11", decision.time,
         absl::StrCat(NameOf(*pod), " makes others leave ", decision.preempts_on, ", ", wrong));
}

std::string InvariantChecker::WhyNotEligible(const Decision& decision, const kube::Pod& pod) const {
  if (!pod.spec->preempts) return "but its preemptionPolicy is Never";
  if (history_.NodeAt(decision.preempts_on, decision.view.nodes) == nullptr) {
    return "but that node is gone";
  }
  const auto nominated = decision.nominations.find(pod.metadata.uid);
  if (nominated == decision.nominations.end()) return "";
  const kube::Ref<kube::Node> node = history_.NodeAt(nominated->second, decision.view.nodes);
  // Where it can never be, it waits for nobody.
  if (node == nullptr || !WhyNot(pod, *node, {}).empty()) return "";
  for (const kube::Ref<kube::Pod>& other : history_.PodsOn(nominated->second, decision.view.pods)) {
    if (other->spec->priority >= pod.spec->priority || !IsMarked(*other)) continue;
    if (!other->metadata.deletion_timestamp.has_value()) continue;
    return absl::StrCat("but ", NameOf(*other), " is still leaving ", nominated->second, " for it");
  }
  return "";
}

std::string InvariantChecker::WhyNoVictim(const Decision& decision, const kube::Pod& pod,
                                          const std::string& victim) const {
  const kube::Ref<kube::Pod> known = history_.PodAt(victim, decision.view.pods);
  if (known == nullptr) return absl::StrCat("but pod UID ", victim, " is gone");
  if (known->spec->priority >= pod.spec->priority) {
    return absl::StrCat("but ", NameOf(*known), " is no less important");
  }
  if (known->node_name == decision.preempts_on && !known->terminated()) return "";
  const auto sent = waiting_.find(victim);
  if (sent != waiting_.end() && sent->second.last_decision != 0 &&
      history_.decision(sent->second.last_decision).node == decision.preempts_on) {
    return "";
  }
  return absl::StrCat("but ", NameOf(*known), " is not there");
}

std::string InvariantChecker::WhyNeedless(const Decision& decision, const kube::Pod& pod) const {
  const auto is_victim = [&](const kube::Ref<kube::Pod>& other) {
    return Contains(decision.victims, other->metadata.uid);
  };
  const auto node = history_.NodeAt(decision.preempts_on, decision.view.nodes);
  PodRefs known = OthersOn(decision.preempts_on, pod, decision.view, decision.nominations, false);
  std::erase_if(known, is_victim);
  if (const std::string why = WhyNot(pod, *node, known); !why.empty()) {
    return absl::StrCat("but that does not make it fit: ", why);
  }
  PodRefs all = OthersOn(decision.preempts_on, pod, decision.view, decision.nominations, true);
  for (const std::string& victim : decision.victims) {
    PodRefs others = all;
    std::erase_if(others, [&](const kube::Ref<kube::Pod>& other) {
      return is_victim(other) && other->metadata.uid != victim;
    });
    if (WhyNot(pod, *node, others).empty()) {
      return absl::StrCat("but it fits with pod UID ", victim, " there");
    }
  }
  return "";
}

std::string InvariantChecker::WhyUnprotected(const Decision& decision, const kube::Pod& pod) const {
  const Budgets budgets = history_.BudgetsAt(decision.view.budgets);
  std::string victim;
  for (const std::string& uid : decision.victims) {
    const kube::Ref<kube::Pod> known = history_.PodAt(uid, decision.view.pods);
    if (known != nullptr && IsProtectedBy(budgets, *known)) victim = NameOf(*known);
  }
  if (victim.empty()) return "";
  // A node where those that no budget is about are enough would have been preferred.
  for (const kube::Ref<kube::Node>& node : history_.NodesAt(decision.view.nodes)) {
    if (!WhyForbidden(pod, *node).empty()) continue;
    const std::string& name = node->metadata.name;
    PodRefs others = OthersOn(name, pod, decision.view, decision.nominations, true);
    const std::size_t taken = std::erase_if(others, [&](const kube::Ref<kube::Pod>& other) {
      return other->spec->priority < pod.spec->priority && other->node_name == name &&
             !IsCoveredBy(budgets, *other);
    });
    if (taken > 0 && WhyOvercommitted(pod, *node, others).empty()) {
      return absl::StrCat("but a budget protects ", victim, ", and on ", name,
                          " unprotected ones are enough");
    }
  }
  return "";
}

void InvariantChecker::CheckEviction(const WriteEntry& write) {
  if (write.pod_before == nullptr) return;
  const kube::Pod& pod = *write.pod_before;
  std::string wrong;
  if (write.decision == 0) {
    wrong = "without a decision";
  } else if (!Contains(history_.decision(write.decision).victims, pod.metadata.uid)) {
    wrong = absl::StrCat("by a decision for pod UID ", history_.decision(write.decision).pod_uid,
                         " that is not about it");
  } else if (!IsMarked(pod)) {
    wrong = "without the condition DisruptionTarget";
  } else {
    return;
  }
  Report("G11", write.time, absl::StrCat(NameOf(pod), " was deleted ", wrong));
}

}  // namespace heat_scheduler
