#include "plugins/defaults/inter_pod_affinity/affinity_terms.h"

#include <algorithm>
#include <utility>

#include "kube/selectors.h"

namespace heat_scheduler {
namespace {

const kube::StringMap kNoLabels;

// Returns the labels of the namespace that the cycle's pod is in; none if it is not known.
const kube::StringMap& NamespaceLabels(const Cycle& cycle) {
  const auto* found = cycle.cluster.objects().Find<kube::Namespace>(cycle.facts().namespace_);
  return found == nullptr ? kNoLabels : found->metadata.labels;
}

void AddHits(const kube::PodAffinityTerm& term, std::int64_t weight, const PodClass& other,
             const Cycle& cycle, std::vector<TermHit>& hits) {
  if (AffinityTerm::Other(term, other.namespace_, cycle).Matches(*cycle.pod.pod)) {
    hits.push_back({term.topology_key, weight});
  }
}

}  // namespace

AffinityTerm::AffinityTerm(const kube::PodAffinityTerm& term, std::string_view namespace_)
    : term_(&term), namespaces_(term.namespaces) {
  if (namespaces_.empty() && !term.namespace_selector) namespaces_.emplace_back(namespace_);
  std::sort(namespaces_.begin(), namespaces_.end());
}

AffinityTerm AffinityTerm::Own(const kube::PodAffinityTerm& term, const Cycle& cycle) {
  AffinityTerm own(term, cycle.facts().namespace_);
  if (!term.namespace_selector) return own;
  own.reaches_every_namespace_ = kube::Matches(*term.namespace_selector, kNoLabels);
  for (const auto& [name, object] : cycle.cluster.objects().all<kube::Namespace>()) {
    if (kube::Matches(*term.namespace_selector, object->metadata.labels)) {
      own.namespaces_.push_back(name);
    }
  }
  std::sort(own.namespaces_.begin(), own.namespaces_.end());
  return own;
}

AffinityTerm AffinityTerm::Other(const kube::PodAffinityTerm& term, std::string_view namespace_,
                                 const Cycle& cycle) {
  AffinityTerm other(term, namespace_);
  other.reaches_every_namespace_ =
      term.namespace_selector && kube::Matches(*term.namespace_selector, NamespaceLabels(cycle));
  return other;
}

bool AffinityTerm::Matches(const kube::Pod& pod) const {
  const bool reached =
      reaches_every_namespace_ ||
      std::binary_search(namespaces_.begin(), namespaces_.end(), pod.metadata.namespace_);
  return reached && term_->label_selector &&
         kube::Matches(*term_->label_selector, pod.metadata.labels);
}

std::vector<AffinityTerm> OwnTerms(const std::vector<kube::PodAffinityTerm>& terms,
                                   const Cycle& cycle) {
  std::vector<AffinityTerm> own;
  own.reserve(terms.size());
  for (const kube::PodAffinityTerm& term : terms) own.push_back(AffinityTerm::Own(term, cycle));
  return own;
}

bool AllMatch(const std::vector<AffinityTerm>& terms, const kube::Pod& pod) {
  return !terms.empty() && std::all_of(terms.begin(), terms.end(),
                                       [&](const AffinityTerm& term) { return term.Matches(pod); });
}

std::vector<Preference> OwnPreferences(const Cycle& cycle) {
  std::vector<Preference> own;
  for (const auto& [weight, term] : cycle.pod_class().preferred_pod_affinity) {
    own.push_back({AffinityTerm::Own(term, cycle), weight});
  }
  for (const auto& [weight, term] : cycle.pod_class().preferred_pod_anti_affinity) {
    own.push_back({AffinityTerm::Own(term, cycle), -weight});
  }
  return own;
}

std::vector<TermHit> RequiredAntiAffinityHits(const PodClass& other, const Cycle& cycle) {
  std::vector<TermHit> hits;
  for (const kube::PodAffinityTerm& term : other.required_pod_anti_affinity) {
    AddHits(term, 1, other, cycle, hits);
  }
  return hits;
}

std::vector<TermHit> PreferenceHits(const PodClass& other, const Cycle& cycle,
                                    std::int64_t hard_weight) {
  std::vector<TermHit> hits;
  if (hard_weight > 0) {
    for (const kube::PodAffinityTerm& term : other.required_pod_affinity) {
      AddHits(term, hard_weight, other, cycle, hits);
    }
  }
  for (const auto& [weight, term] : other.preferred_pod_affinity) {
    AddHits(term, weight, other, cycle, hits);
  }
  for (const auto& [weight, term] : other.preferred_pod_anti_affinity) {
    AddHits(term, -weight, other, cycle, hits);
  }
  return hits;
}

}  // namespace heat_scheduler
