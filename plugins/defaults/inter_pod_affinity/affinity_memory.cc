#include "plugins/defaults/inter_pod_affinity/affinity_memory.h"

#include <algorithm>

#include "plugins/defaults/inter_pod_affinity/affinity_score.h"

namespace heat_scheduler {
namespace {

// A cycle to resolve terms by.
struct Resolving {
  Resolving(const PodRecord& pod, const ClusterState& cluster)
      : cycle{cluster, pod, state, Instant{}} {}
  CycleState state;
  Cycle cycle;
};

}  // namespace

AffinityMemory::AffinityMemory(const PodRecord& pod, const ClusterState& cluster,
                               const InterPodAffinityArgs& args)
    : pod_(pod),
      args_(args),
      affinity_(OwnTerms(pod.pod_class->required_pod_affinity, Resolving(pod, cluster).cycle)),
      anti_affinity_(
          OwnTerms(pod.pod_class->required_pod_anti_affinity, Resolving(pod, cluster).cycle)),
      preferences_(OwnPreferences(Resolving(pod, cluster).cycle)),
      first_of_group_(AllMatch(affinity_, *pod.pod)),
      any_terms_(!affinity_.empty() || !anti_affinity_.empty() || !preferences_.empty()),
      namespaces_seen_(cluster.ObjectsVersion({Input::kNamespaceLabels})) {
  for (const AffinityTerm& term : affinity_) TableOf(Use::kAffinity, term.topology_key(), cluster);
  for (const AffinityTerm& term : anti_affinity_) {
    TableOf(Use::kAntiAffinity, term.topology_key(), cluster);
  }
  for (const Preference& own : preferences_) {
    TableOf(Use::kScore, own.term.topology_key(), cluster);
  }
}

std::size_t AffinityMemory::TableOf(Use use, std::string_view topology_key,
                                    const ClusterState& cluster) {
  const auto found = std::find_if(tables_.begin(), tables_.end(), [&](const Table& table) {
    return table.use == use && table.sums.key() == topology_key;
  });
  if (found != tables_.end()) return static_cast<std::size_t>(found - tables_.begin());
  const auto asked =
      use == Use::kScore ? DomainSums::Asked::kAmounts : DomainSums::Asked::kPositive;
  tables_.push_back({use, DomainSums(cluster.Topology(topology_key), asked)});
  return tables_.size() - 1;
}

bool AffinityMemory::Update(const ClusterState& cluster, NodeSpan rows) {
  const std::uint64_t namespaces = cluster.ObjectsVersion({Input::kNamespaceLabels});
  if (any_terms_ && namespaces != namespaces_seen_) return false;
  namespaces_seen_ = namespaces;
  for (const Table& table : tables_) {
    if (!table.sums.features_hold()) return false;
  }
  const std::size_t tables_before = tables_.size();
  if (tables_before == 0 && cluster.affinity_count() == 0) {
    // Nobody has asked for anything.
    complete_ = true;
    return true;
  }
  Resolving resolving(pod_, cluster);
  for (const NodeId row : rows) {
    UpdateRow(cluster, resolving.cycle, row);
    if (complete_ && tables_.size() != tables_before) return false;
  }
  complete_ = true;
  return true;
}

// Returns what these pods' terms say of another pod.
AffinityMemory::Shares AffinityMemory::SharesOfMatches(const PodRecord& other,
                                                       const ClusterState& cluster) {
  Shares shares;
  const auto add = [&](Use use, const AffinityTerm& term, std::int64_t amount) {
    shares.push_back({TableOf(use, term.topology_key(), cluster), amount});
  };
  if (AllMatch(affinity_, *other.pod)) {
    for (const AffinityTerm& term : affinity_) add(Use::kAffinity, term, 1);
  }
  for (const AffinityTerm& term : anti_affinity_) {
    if (term.Matches(*other.pod)) add(Use::kAntiAffinity, term, 1);
  }
  for (const Preference& own : preferences_) {
    if (own.term.Matches(*other.pod)) add(Use::kScore, own.term, own.weight);
  }
  return shares;
}

// Returns what another pod's terms say of these pods.
AffinityMemory::Shares AffinityMemory::SharesOfTerms(const PodRecord& other, const Cycle& cycle) {
  any_terms_ = true;
  Shares shares;
  for (const TermHit& hit : RequiredAntiAffinityHits(*other.pod_class, cycle)) {
    shares.push_back(
        {TableOf(Use::kAntiAffinityOfOthers, hit.topology_key, cycle.cluster), hit.weight});
  }
  for (const TermHit& hit :
       PreferenceHits(*other.pod_class, cycle, args_.hard_pod_affinity_weight)) {
    shares.push_back({TableOf(Use::kScore, hit.topology_key, cycle.cluster), hit.weight});
  }
  return shares;
}

void AffinityMemory::AddShares(const Shares& shares) {
  for (const auto& [table, amount] : shares) {
    if (table >= amounts_.size()) {
      amounts_.resize(tables_.size());
      touches_.resize(tables_.size());
    }
    amounts_[table] += amount;
    ++touches_[table];
  }
}

void AffinityMemory::UpdateRow(const ClusterState& cluster, const Cycle& cycle, NodeId row) {
  const NodeColumns& columns = cluster.columns();
  // Nobody has asked for anything, here or elsewhere.
  if (tables_.empty() && columns.pods_with_affinity[row].empty()) return;
  const bool counts = columns.node[row] != nullptr;
  amounts_.assign(tables_.size(), 0);
  touches_.assign(tables_.size(), 0);
  if (counts) {
    for (const PodRecord* other : columns.pods_with_affinity[row]) {
      AddShares(
          terms_.Of(*other, [&](const PodRecord& record) { return SharesOfTerms(record, cycle); }));
    }
    if (!affinity_.empty() || !anti_affinity_.empty() || !preferences_.empty()) {
      for (const PodRecord* other : columns.pods[row]) {
        AddShares(matches_.Of(
            *other, [&](const PodRecord& record) { return SharesOfMatches(record, cluster); }));
      }
    }
  }
  std::uint32_t touches = 0;
  for (std::size_t i = 0; i < amounts_.size(); ++i) {
    DomainSums& sums = tables_[i].sums;
    sums.Set(row, counts, amounts_[i]);
    if (tables_[i].use == Use::kScore && touches_[i] > 0 &&
        sums.Feature(row) != DomainSums::kNoLabel) {
      touches += touches_[i];
    }
  }
  if (row >= row_touches_.size()) row_touches_.resize(columns.name.size());
  score_touches_ += touches;
  score_touches_ -= row_touches_[row];
  row_touches_[row] = touches;
}

void AffinityMemory::Features(NodeId node, absl::Span<std::uint64_t> features) const {
  for (std::size_t i = 0; i < tables_.size(); ++i) features[i] = tables_[i].sums.Feature(node);
}

Inputs AffinityMemory::feature_inputs() const {
  Inputs inputs;
  for (const Table& table : tables_) inputs = inputs | table.sums.feature_inputs();
  return inputs;
}

bool AffinityMemory::FilterSkips() const {
  return affinity_.empty() && anti_affinity_.empty() &&
         std::all_of(tables_.begin(), tables_.end(), [](const Table& table) {
           return table.use != Use::kAntiAffinityOfOthers || table.sums.all_zero();
         });
}

void AffinityMemory::Filter(absl::Span<const NodeGroup> groups,
                            absl::Span<Verdict> verdicts) const {
  const bool no_affinity_met = std::all_of(tables_.begin(), tables_.end(), [](const Table& table) {
    return table.use != Use::kAffinity || table.sums.all_zero();
  });
  for (std::size_t i = 0; i < groups.size(); ++i) {
    verdicts[i] = Judge(groups[i].features, no_affinity_met);
  }
}

Verdict AffinityMemory::Judge(const std::uint64_t* features, bool no_affinity_met) const {
  bool affinity_met = true;
  bool anti_affinity_met = true;
  bool anti_affinity_of_others_met = true;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const auto& [use, sums] = tables_[i];
    switch (use) {
      case Use::kAffinity:
        if (features[i] == DomainSums::kNoLabel) return VerdictOf(AffinityRefusal::kAffinity);
        affinity_met = affinity_met && sums.Of(features[i]) > 0;
        break;
      case Use::kAntiAffinity:
        anti_affinity_met = anti_affinity_met && sums.Of(features[i]) <= 0;
        break;
      case Use::kAntiAffinityOfOthers:
        anti_affinity_of_others_met = anti_affinity_of_others_met && sums.Of(features[i]) <= 0;
        break;
      case Use::kScore:
        break;
    }
  }
  if (!affinity_met && !(no_affinity_met && first_of_group_)) {
    return VerdictOf(AffinityRefusal::kAffinity);
  }
  if (!anti_affinity_met) return VerdictOf(AffinityRefusal::kAntiAffinity);
  if (!anti_affinity_of_others_met) return VerdictOf(AffinityRefusal::kAntiAffinityOfOthers);
  return {};
}

bool AffinityMemory::Score(const ClusterState& /*cluster*/, absl::Span<const NodeGroup> groups,
                           absl::Span<std::int64_t> scores) const {
  if (score_touches_ == 0) return false;
  if (preferences_.empty() && args_.ignore_preferred_terms_of_existing_pods) return false;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      if (tables_[i].use != Use::kScore) continue;
      scores[g] += tables_[i].sums.Of(groups[g].features[i]);
    }
  }
  NormalizeAffinity(scores);
  return true;
}

std::size_t AffinityMemory::bytes() const {
  std::size_t bytes = sizeof(*this) + matches_.bytes() + terms_.bytes() +
                      row_touches_.capacity() * sizeof(std::uint32_t);
  for (const Table& table : tables_) bytes += table.sums.bytes();
  return bytes;
}

}  // namespace heat_scheduler
