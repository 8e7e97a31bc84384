#include "plugins/defaults/pod_topology_spread/spread_terms.h"

#include <algorithm>
#include <utility>

#include "kube/selectors.h"
#include "plugins/defaults/pod_topology_spread/default_selector.h"

namespace heat_scheduler {
namespace {

bool MatchesEverything(const kube::LabelSelector& selector) {
  return selector.match_labels.empty() && selector.match_expressions.empty();
}

// Returns the constraint's selector with what its matchLabelKeys demand. The API server merges them
// too, unless the constraint is older than that.
std::optional<kube::LabelSelector> SelectorOf(const kube::TopologySpreadConstraint& constraint,
                                              const kube::StringMap& labels) {
  std::optional<kube::LabelSelector> selector = constraint.label_selector;
  if (!selector) return selector;
  for (const std::string& key : constraint.match_label_keys) {
    const auto label = labels.find(key);
    if (label == labels.end()) continue;
    selector->match_expressions.push_back({key, kube::SelectorOperator::kIn, {label->second}});
  }
  return selector;
}

}  // namespace

SpreadTerms::SpreadTerms(const Cycle& cycle)
    : pod_(&cycle.pod), required_(cycle.pod_class(), cycle.facts()) {}

SpreadTerms SpreadTerms::Hard(const PodTopologySpreadArgs& args, const Cycle& cycle) {
  return Of(false, args, cycle);
}

SpreadTerms SpreadTerms::Soft(const PodTopologySpreadArgs& args, const Cycle& cycle) {
  return Of(true, args, cycle);
}

SpreadTerms SpreadTerms::Of(bool soft, const PodTopologySpreadArgs& args, const Cycle& cycle) {
  SpreadTerms terms(cycle);
  if (cycle.pod_class().topology_spread_constraints.empty()) {
    terms.AddDefaults(soft, args, cycle);
  } else {
    terms.AddOwn(soft);
  }
  return terms;
}

void SpreadTerms::AddOwn(bool soft) {
  for (const auto& constraint : pod_->pod_class->topology_spread_constraints) {
    if (constraint.schedule_anyway != soft) continue;
    Add(constraint, SelectorOf(constraint, pod_->pod->metadata.labels));
  }
}

void SpreadTerms::AddDefaults(bool soft, const PodTopologySpreadArgs& args, const Cycle& cycle) {
  const auto wanted = [soft](const auto& constraint) { return constraint.schedule_anyway == soft; };
  // Most pods end here: finding what selects a pod takes longer.
  if (std::none_of(args.default_constraints.begin(), args.default_constraints.end(), wanted)) {
    return;
  }
  const kube::LabelSelector selector = DefaultSelector(*pod_->pod, cycle.cluster.objects());
  if (MatchesEverything(selector)) return;
  for (const auto& constraint : args.default_constraints) {
    if (wanted(constraint)) Add(constraint, selector);
  }
}

void SpreadTerms::Add(const kube::TopologySpreadConstraint& constraint,
                      std::optional<kube::LabelSelector> selector) {
  const auto known = std::find(selectors_.begin(), selectors_.end(), selector);
  const auto index = static_cast<std::size_t>(known - selectors_.begin());
  if (known == selectors_.end()) selectors_.push_back(std::move(selector));
  constraints_.push_back({constraint.max_skew, constraint.topology_key,
                          constraint.min_domains.value_or(1), constraint.honor_node_affinity,
                          constraint.honor_node_taints, index, Matches(index, *pod_->pod)});
}

bool SpreadTerms::HasAllKeys(const kube::Node& node) const {
  return std::all_of(constraints_.begin(), constraints_.end(), [&](const SpreadConstraint& c) {
    return node.metadata.labels.contains(c.topology_key);
  });
}

bool SpreadTerms::Includes(const SpreadConstraint& constraint, const kube::Node& node) const {
  if (constraint.honor_node_affinity && !required_.Matches(node)) return false;
  return !constraint.honor_node_taints ||
         std::none_of(node.taints.begin(), node.taints.end(), [&](const kube::Taint& taint) {
           return kube::KeepsOff(taint, pod_->pod_class->tolerations);
         });
}

bool SpreadTerms::Matches(std::size_t selector, const kube::Pod& pod) const {
  return selectors_[selector] && pod.metadata.namespace_ == pod_->facts.namespace_ &&
         kube::Matches(*selectors_[selector], pod.metadata.labels);
}

bool SpreadTerms::Selects(std::size_t selector, const kube::Pod& pod) const {
  return selectors_[selector] && !MatchesEverything(*selectors_[selector]) &&
         Matches(selector, pod);
}

std::int64_t SpreadTerms::Count(std::size_t selector,
                                const std::vector<const PodRecord*>& pods) const {
  return std::count_if(pods.begin(), pods.end(), [&](const PodRecord* pod) {
    return !pod->pod->metadata.deletion_timestamp && Selects(selector, *pod->pod);
  });
}

}  // namespace heat_scheduler
