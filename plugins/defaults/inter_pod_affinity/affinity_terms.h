// Terms of pod affinity and anti-affinity, ready to be matched against pods in one cycle.
//
// The terms say which counts are read: of which pods, by which topology key; the counts themselves
// are in domain_counts.h. A term reaches a pod by the name of its namespace or by the namespace's
// labels, and matches it by its own labels. Terms of the cycle's pod are resolved against all
// namespaces that there are. Terms of other pods are asked about the cycle's pod only, so that
// their namespaceSelector is decided at once. Terms borrow pod classes and the cluster's objects.
// Source: k8s.io/kube-scheduler framework/types.go (AffinityTerm), v0.36;
// pkg/scheduler/framework/plugins/interpodaffinity (mergeAffinityTermNamespacesIfNotEmpty), v1.36.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "kube/objects.h"
#include "scheduler/framework/cycle.h"
#include "scheduler/framework/verdict.h"

namespace heat_scheduler {

// Why a node is refused.
enum class AffinityRefusal : std::uint64_t { kAffinity, kAntiAffinity, kAntiAffinityOfOthers };

// Returns the verdict that says so; the refusal is its detail.
inline Verdict VerdictOf(AffinityRefusal refusal) {
  return {refusal == AffinityRefusal::kAffinity ? Code::kUnschedulableAndUnresolvable
                                                : Code::kUnschedulable,
          static_cast<std::uint64_t>(refusal)};
}

class AffinityTerm {
 public:
  // Returns a term of the cycle's pod, to be matched against any pod. As in kube-scheduler v1.36, a
  // namespaceSelector that matches the empty set of labels (NotIn, DoesNotExist) reaches every
  // namespace.
  static AffinityTerm Own(const kube::PodAffinityTerm& term, const Cycle& cycle);

  // Returns a term of a pod in that namespace, to be matched against the cycle's pod alone.
  static AffinityTerm Other(const kube::PodAffinityTerm& term, std::string_view namespace_,
                            const Cycle& cycle);

  bool Matches(const kube::Pod& pod) const;

  std::string_view topology_key() const { return term_->topology_key; }

 private:
  AffinityTerm(const kube::PodAffinityTerm& term, std::string_view namespace_);

  const kube::PodAffinityTerm* term_;
  std::vector<std::string> namespaces_;  // Sorted.
  bool reaches_every_namespace_ = false;
};

// Returns the terms of the cycle's pod, in their order.
std::vector<AffinityTerm> OwnTerms(const std::vector<kube::PodAffinityTerm>& terms,
                                   const Cycle& cycle);

// Returns true if there are terms and all of them match the pod.
bool AllMatch(const std::vector<AffinityTerm>& terms, const kube::Pod& pod);

// A term of the cycle's pod with what it adds to a domain for each pod there that it matches; below
// 0 for anti-affinity.
struct Preference {
  AffinityTerm term;
  std::int64_t weight;
};

// Returns the preferred terms of the cycle's pod.
std::vector<Preference> OwnPreferences(const Cycle& cycle);

// A term of another pod that matches the cycle's pod, and what it adds to the domain of that other
// pod.
struct TermHit {
  std::string_view topology_key;
  std::int64_t weight;
};

// Returns the required anti-affinity terms of a class that match the cycle's pod, with weight 1.
std::vector<TermHit> RequiredAntiAffinityHits(const PodClass& other, const Cycle& cycle);

// Returns the terms of a class that match the cycle's pod and say how much its pods would have that
// pod beside them: preferred ones, and required affinity with `hard_weight`, unless that is 0.
std::vector<TermHit> PreferenceHits(const PodClass& other, const Cycle& cycle,
                                    std::int64_t hard_weight);

// Keeps hits by class, so that the terms of many equal pods are matched once.
class HitsByClass {
 public:
  // Returns what `find(other)` gave the first time.
  template <typename Find>
  const std::vector<TermHit>& Of(const PodClass& other, Find find) {
    const auto [entry, is_new] = hits_.try_emplace(other.id);
    if (is_new) entry->second = find(other);
    return entry->second;
  }

 private:
  absl::flat_hash_map<PodClassId, std::vector<TermHit>> hits_;
};

}  // namespace heat_scheduler
