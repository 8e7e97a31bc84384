#include "scheduler/state/selector_keys.h"

#include "scheduler/state/pod_class.h"

namespace heat_scheduler {

void SelectorKeys::Count(const PodClass& pod_class, int change) {
  const auto count_term = [&](const kube::PodAffinityTerm& term) {
    if (term.label_selector) Count(*term.label_selector, change);
  };
  for (const auto& term : pod_class.required_pod_affinity) count_term(term);
  for (const auto& term : pod_class.required_pod_anti_affinity) count_term(term);
  for (const auto& weighted : pod_class.preferred_pod_affinity) count_term(weighted.term);
  for (const auto& weighted : pod_class.preferred_pod_anti_affinity) count_term(weighted.term);
  for (const auto& constraint : pod_class.topology_spread_constraints) {
    if (constraint.label_selector) Count(*constraint.label_selector, change);
    for (const std::string& key : constraint.match_label_keys) Count(key, change);
  }
}

void SelectorKeys::Count(const kube::LabelSelector& selector, int change) {
  for (const auto& [key, value] : selector.match_labels) Count(key, change);
  for (const kube::SelectorRequirement& requirement : selector.match_expressions) {
    Count(requirement.key, change);
  }
}

void SelectorKeys::Count(const std::string& key, int change) {
  const auto [found, is_new] = users_.try_emplace(key, 0);
  if (is_new) ++version_;
  if (!is_new && found->second == 0) --idle_;
  found->second += static_cast<std::size_t>(change);
  if (found->second > 0 || ++idle_ <= kMostIdle) return;
  absl::erase_if(users_, [](const auto& user) { return user.second == 0; });
  idle_ = 0;
}

}  // namespace heat_scheduler
