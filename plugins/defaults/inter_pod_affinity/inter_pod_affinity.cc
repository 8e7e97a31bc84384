#include "plugins/defaults/inter_pod_affinity/inter_pod_affinity.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "plugins/defaults/inter_pod_affinity/affinity_memory.h"
#include "plugins/defaults/inter_pod_affinity/affinity_score.h"
#include "plugins/defaults/inter_pod_affinity/affinity_terms.h"
#include "plugins/defaults/inter_pod_affinity/domain_counts.h"

namespace heat_scheduler {
namespace {

// By AffinityRefusal.
constexpr std::string_view kReasons[] = {
    "node(s) didn't match pod affinity rules",
    "node(s) didn't match pod anti-affinity rules",
    "node(s) didn't satisfy existing pods anti-affinity rules",
};

// The required terms of the cycle's pod.
struct RequiredTerms {
  explicit RequiredTerms(const Cycle& cycle)
      : affinity(OwnTerms(cycle.pod_class().required_pod_affinity, cycle)),
        anti_affinity(OwnTerms(cycle.pod_class().required_pod_anti_affinity, cycle)),
        first_of_group(AllMatch(affinity, *cycle.pod.pod)) {}

  bool empty() const { return affinity.empty() && anti_affinity.empty(); }

  const std::vector<AffinityTerm> affinity;
  const std::vector<AffinityTerm> anti_affinity;
  const bool first_of_group;  // The pod satisfies its own affinity.
};

// What PreFilter leaves to Filter.
struct AffinityFilterState final : PluginState {
  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<AffinityFilterState>(*this);
  }

  // Counts a pod on a node with these labels in (or, with -1, off).
  void Count(const PodRecord& pod, const kube::StringMap& labels, std::int64_t count) {
    if (AllMatch(terms->affinity, *pod.pod)) {
      for (const AffinityTerm& term : terms->affinity) {
        affinity.Add(term.topology_key(), labels, count);
      }
    }
    for (const AffinityTerm& term : terms->anti_affinity) {
      if (term.Matches(*pod.pod)) anti_affinity.Add(term.topology_key(), labels, count);
    }
  }

  // Counts what other pods on such a node say of the cycle's pod.
  void Count(const std::vector<TermHit>& hits, const kube::StringMap& labels, std::int64_t count) {
    for (const TermHit& hit : hits) {
      anti_affinity_of_others.Add(hit.topology_key, labels, count * hit.weight);
    }
  }

  bool SatisfiesAffinity(const kube::StringMap& labels) const {
    bool found = true;
    for (const AffinityTerm& term : terms->affinity) {
      if (!labels.contains(term.topology_key())) return false;
      found = found && affinity.Of(term.topology_key(), labels) > 0;
    }
    return found || (affinity.empty() && terms->first_of_group);
  }

  bool SatisfiesAntiAffinity(const kube::StringMap& labels) const {
    return std::none_of(terms->anti_affinity.begin(), terms->anti_affinity.end(),
                        [&](const AffinityTerm& term) {
                          return anti_affinity.Of(term.topology_key(), labels) > 0;
                        });
  }

  std::shared_ptr<const RequiredTerms> terms;
  DomainCounts affinity;                 // Of pods that match all of terms->affinity, once a term.
  DomainCounts anti_affinity;            // Of pods that match a term of terms->anti_affinity.
  DomainCounts anti_affinity_of_others;  // Of their terms that match the cycle's pod.
};

// What PreScore leaves to Score.
struct AffinityScoreState final : PluginState {
  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<AffinityScoreState>(*this);
  }

  void Add(std::string_view topology_key, const kube::StringMap& labels, std::int64_t weight) {
    if (!labels.contains(topology_key)) return;
    weights.Add(topology_key, labels, weight);
    touched = true;
  }

  DomainCounts weights;
  bool touched = false;  // Some domain was added to, even if it came to 0.
};

void Correct(const Plugin* plugin, const Cycle& cycle, const PodRecord& pod, NodeId node,
             std::int64_t count) {
  auto& state = cycle.state.Get<AffinityFilterState>(plugin);
  const kube::StringMap& labels = cycle.cluster.columns().node[node]->metadata.labels;
  state.Count(pod, labels, count);
  state.Count(RequiredAntiAffinityHits(*pod.pod_class, cycle), labels, count);
}

}  // namespace

PreFilterResult InterPodAffinity::PreFilter(const Cycle& cycle) const {
  auto state = std::make_unique<AffinityFilterState>();
  state->terms = std::make_shared<const RequiredTerms>(cycle);
  if (state->terms->empty() && cycle.cluster.required_anti_affinity_count() == 0) {
    return {Status::Skip(), {}, {}};
  }
  const NodeColumns& columns = cycle.cluster.columns();
  HitsByClass hits;
  for (const NodeId node : cycle.cluster.nodes()) {
    const kube::StringMap& labels = columns.node[node]->metadata.labels;
    for (const PodRecord* other : columns.pods_with_required_anti_affinity[node]) {
      state->Count(hits.Of(*other->pod_class,
                           [&](const PodClass& pod_class) {
                             return RequiredAntiAffinityHits(pod_class, cycle);
                           }),
                   labels, 1);
    }
    if (state->terms->empty()) continue;
    for (const PodRecord* other : columns.pods[node]) state->Count(*other, labels, 1);
  }
  if (state->terms->empty() && state->anti_affinity_of_others.empty()) {
    return {Status::Skip(), {}, {}};
  }
  cycle.state.Put(this, std::move(state));
  return {};
}

void InterPodAffinity::AddPod(const Cycle& cycle, const PodRecord& pod, NodeId node) const {
  Correct(this, cycle, pod, node, 1);
}

void InterPodAffinity::RemovePod(const Cycle& cycle, const PodRecord& pod, NodeId node) const {
  Correct(this, cycle, pod, node, -1);
}

void InterPodAffinity::Filter(const Cycle& cycle, NodeSpan nodes,
                              absl::Span<Verdict> verdicts) const {
  const auto& state = cycle.state.Get<AffinityFilterState>(this);
  const NodeColumns& columns = cycle.cluster.columns();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const kube::StringMap& labels = columns.node[nodes[i]]->metadata.labels;
    if (!state.SatisfiesAffinity(labels)) {
      verdicts[i] = VerdictOf(AffinityRefusal::kAffinity);
    } else if (!state.SatisfiesAntiAffinity(labels)) {
      verdicts[i] = VerdictOf(AffinityRefusal::kAntiAffinity);
    } else if (state.anti_affinity_of_others.AnyPositive(labels)) {
      verdicts[i] = VerdictOf(AffinityRefusal::kAntiAffinityOfOthers);
    }
  }
}

std::vector<std::string> InterPodAffinity::Reasons(const Cycle& /*cycle*/,
                                                   const Verdict& verdict) const {
  return {std::string(kReasons[verdict.detail])};
}

Status InterPodAffinity::PreScore(const Cycle& cycle, NodeSpan /*nodes*/) const {
  const std::vector<Preference> own = OwnPreferences(cycle);
  if (own.empty() && args_.ignore_preferred_terms_of_existing_pods) return Status::Skip();
  auto state = std::make_unique<AffinityScoreState>();
  const NodeColumns& columns = cycle.cluster.columns();
  HitsByClass hits;
  for (const NodeId node : cycle.cluster.nodes()) {
    const kube::StringMap& labels = columns.node[node]->metadata.labels;
    for (const PodRecord* other : columns.pods_with_affinity[node]) {
      const auto find = [&](const PodClass& pod_class) {
        return PreferenceHits(pod_class, cycle, args_.hard_pod_affinity_weight);
      };
      for (const TermHit& hit : hits.Of(*other->pod_class, find)) {
        state->Add(hit.topology_key, labels, hit.weight);
      }
    }
    if (own.empty()) continue;
    for (const PodRecord* other : columns.pods[node]) {
      for (const Preference& preference : own) {
        if (!preference.term.Matches(*other->pod)) continue;
        state->Add(preference.term.topology_key(), labels, preference.weight);
      }
    }
  }
  if (!state->touched) return Status::Skip();
  cycle.state.Put(this, std::move(state));
  return {};
}

void InterPodAffinity::Score(const Cycle& cycle, NodeSpan nodes,
                             absl::Span<std::int64_t> scores) const {
  const DomainCounts& weights = cycle.state.Get<AffinityScoreState>(this).weights;
  const NodeColumns& columns = cycle.cluster.columns();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    scores[i] = weights.Sum(columns.node[nodes[i]]->metadata.labels);
  }
}

void InterPodAffinity::NormalizeScore(const Cycle& /*cycle*/, NodeSpan /*nodes*/,
                                      absl::Span<std::int64_t> scores) const {
  NormalizeAffinity(scores);
}

std::unique_ptr<GroupMemory> InterPodAffinity::Remember(const PodRecord& pod,
                                                        const ClusterState& cluster) const {
  return std::make_unique<AffinityMemory>(pod, cluster, args_);
}

}  // namespace heat_scheduler
