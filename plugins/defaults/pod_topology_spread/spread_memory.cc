#include "plugins/defaults/pod_topology_spread/spread_memory.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "plugins/defaults/pod_topology_spread/default_selector.h"
#include "plugins/defaults/pod_topology_spread/spread_score.h"

namespace heat_scheduler {
namespace {

// Selectors of one side that can be told apart.
constexpr std::size_t kMostSelectors = 64;

}  // namespace

SpreadMemory::Side::Side(SpreadTerms its_terms, const ClusterState& cluster,
                         DomainSums::Asked asked)
    : terms(std::move(its_terms)), matching(terms.selector_count()) {
  for (const SpreadConstraint& constraint : terms.constraints()) {
    sums.emplace_back(cluster.Topology(constraint.topology_key), asked);
  }
}

SpreadMemory::SpreadMemory(SpreadTerms hard, SpreadTerms soft, const ClusterState& cluster,
                           bool require_all_keys, const kube::Pod* by_owners)
    : hard_(std::move(hard), cluster, DomainSums::Asked::kLeast),
      soft_(std::move(soft), cluster, DomainSums::Asked::kAmounts),
      require_all_keys_(require_all_keys),
      by_owners_(by_owners),
      owners_seen_(cluster.ObjectsVersion({Input::kSelectingOwners})),
      on_node_(soft_.sums.size()) {
  if (by_owners_ != nullptr) selector_of_owners_ = DefaultSelector(*by_owners_, cluster.objects());
}

// Returns true if the owners select what they did.
bool SpreadMemory::OwnersHold(const ClusterState& cluster) {
  if (by_owners_ == nullptr) return true;
  const std::uint64_t version = cluster.ObjectsVersion({Input::kSelectingOwners});
  if (version == owners_seen_) return true;
  owners_seen_ = version;
  return DefaultSelector(*by_owners_, cluster.objects()) == selector_of_owners_;
}

bool SpreadMemory::Update(const ClusterState& cluster, NodeSpan rows) {
  if (!OwnersHold(cluster)) return false;
  if (feature_count() == 0) return true;
  if (hard_.matching.size() > kMostSelectors || soft_.matching.size() > kMostSelectors)
    return false;
  for (const DomainSums& sums : hard_.sums) {
    if (!sums.features_hold()) return false;
  }
  for (std::size_t i = 0; i < soft_.sums.size(); ++i) {
    if (soft_.terms.constraints()[i].is_hostname()) continue;
    if (!soft_.sums[i].features_hold()) return false;
    // Pods on nodes without the label would count for those with an empty one.
    if (!require_all_keys_ && cluster.Topology(soft_.sums[i].key())->has_empty_value())
      return false;
  }
  for (const NodeId row : rows) {
    if (!hard_.sums.empty()) UpdateHard(cluster, row);
    if (!soft_.sums.empty()) UpdateSoft(cluster, row);
  }
  return true;
}

// Counts, by selector, the pods that are selected and not about to go.
void SpreadMemory::Count(const std::vector<const PodRecord*>& pods, Side& side) {
  side.matching.assign(side.matching.size(), 0);
  for (const PodRecord* pod : pods) {
    if (pod->pod->metadata.deletion_timestamp) continue;
    std::uint64_t selecting = side.selecting.Of(*pod, [&](const PodRecord& record) {
      std::uint64_t bits = 0;
      for (std::size_t s = 0; s < side.matching.size(); ++s) {
        if (side.terms.Selects(s, *record.pod)) bits |= std::uint64_t{1} << s;
      }
      return bits;
    });
    for (std::size_t s = 0; selecting != 0; ++s, selecting >>= 1) {
      if ((selecting & 1) != 0) ++side.matching[s];
    }
  }
}

void SpreadMemory::UpdateHard(const ClusterState& cluster, NodeId row) {
  const kube::Node* node = cluster.columns().node[row].get();
  const auto& constraints = hard_.terms.constraints();
  const bool counts = node != nullptr && hard_.terms.HasAllKeys(*node);
  if (counts) Count(cluster.columns().pods[row], hard_);
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const bool included = counts && hard_.terms.Includes(constraints[i], *node);
    hard_.sums[i].Set(row, included, hard_.matching[constraints[i].selector]);
  }
}

void SpreadMemory::UpdateSoft(const ClusterState& cluster, NodeId row) {
  const kube::Node* node = cluster.columns().node[row].get();
  const auto& constraints = soft_.terms.constraints();
  if (node != nullptr) Count(cluster.columns().pods[row], soft_);
  const bool counts = node != nullptr && (!require_all_keys_ || soft_.terms.HasAllKeys(*node));
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const std::int64_t matching = soft_.matching[constraints[i].selector];
    if (constraints[i].is_hostname()) {
      if (row >= on_node_[i].size()) on_node_[i].resize(cluster.columns().name.size());
      on_node_[i][row] = node != nullptr ? matching : 0;
      continue;
    }
    const bool included = counts && soft_.terms.Includes(constraints[i], *node);
    soft_.sums[i].Set(row, included, matching);
  }
}

void SpreadMemory::Features(NodeId node, absl::Span<std::uint64_t> features) const {
  std::size_t at = 0;
  for (const DomainSums& sums : hard_.sums) features[at++] = sums.Feature(node);
  for (std::size_t i = 0; i < soft_.sums.size(); ++i) {
    std::uint64_t feature = soft_.sums[i].Feature(node);
    if (soft_.terms.constraints()[i].is_hostname() && feature != DomainSums::kNoLabel) {
      feature = static_cast<std::uint64_t>(on_node_[i][node]);
    }
    features[at++] = feature;
  }
}

Inputs SpreadMemory::feature_inputs() const {
  Inputs inputs;
  for (const DomainSums& sums : hard_.sums) inputs = inputs | sums.feature_inputs();
  for (std::size_t i = 0; i < soft_.sums.size(); ++i) {
    inputs = inputs | soft_.sums[i].feature_inputs();
    // Then it is the number of pods.
    if (soft_.terms.constraints()[i].is_hostname()) inputs = inputs | Inputs{Input::kNodePods};
  }
  return inputs;
}

void SpreadMemory::Filter(absl::Span<const NodeGroup> groups, absl::Span<Verdict> verdicts) const {
  if (hard_.sums.empty()) return;
  for (std::size_t i = 0; i < groups.size(); ++i) verdicts[i] = Judge(groups[i].features);
}

Verdict SpreadMemory::Judge(const std::uint64_t* features) const {
  const auto& constraints = hard_.terms.constraints();
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const SpreadConstraint& constraint = constraints[i];
    const DomainSums& sums = hard_.sums[i];
    if (features[i] == DomainSums::kNoLabel) return VerdictOf(SpreadMisfit::kMissingLabel);
    const bool too_few = static_cast<std::int64_t>(sums.domain_count()) < constraint.min_domains;
    const std::int64_t least = too_few ? 0 : sums.Least();
    const std::int64_t pods = sums.Of(features[i]) + (constraint.matches_itself ? 1 : 0);
    if (pods - least > constraint.max_skew) return VerdictOf(SpreadMisfit::kSkew);
  }
  return {};
}

bool SpreadMemory::HasPoints(const std::uint64_t* features) const {
  return !require_all_keys_ ||
         std::none_of(features, features + soft_.sums.size(),
                      [](std::uint64_t feature) { return feature == DomainSums::kNoLabel; });
}

// `groups` have the features of the soft side.
double SpreadMemory::WeightOf(std::size_t constraint, absl::Span<const NodeGroup> groups) const {
  const bool hostname = soft_.terms.constraints()[constraint].is_hostname();
  std::size_t nodes = 0;
  std::size_t nodes_with_label = 0;
  std::vector<std::uint64_t> domains;
  for (const NodeGroup& group : groups) {
    if (!HasPoints(group.features)) continue;
    nodes += group.size;
    if (group.features[constraint] == DomainSums::kNoLabel) continue;
    nodes_with_label += group.size;
    domains.push_back(group.features[constraint]);
  }
  if (hostname) return SpreadWeight(nodes);
  // Those without the label share a domain.
  const std::size_t unnamed = nodes > nodes_with_label ? 1 : 0;
  if (soft_.sums[constraint].one_node_each()) return SpreadWeight(nodes_with_label + unnamed);
  std::sort(domains.begin(), domains.end());
  const auto end = std::unique(domains.begin(), domains.end());
  return SpreadWeight(static_cast<std::size_t>(end - domains.begin()) + unnamed);
}

bool SpreadMemory::Score(const ClusterState& /*cluster*/, absl::Span<const NodeGroup> all_groups,
                         absl::Span<std::int64_t> scores) const {
  const auto& constraints = soft_.terms.constraints();
  if (constraints.empty()) return false;
  std::vector<NodeGroup> groups(all_groups.begin(), all_groups.end());
  for (NodeGroup& group : groups) group.features += hard_.sums.size();
  std::vector<double> weights;
  for (std::size_t i = 0; i < constraints.size(); ++i) weights.push_back(WeightOf(i, groups));
  std::vector<std::uint8_t> without_points(groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    without_points[g] = !HasPoints(groups[g].features) ? 1 : 0;
    if (without_points[g] != 0) continue;
    double score = 0;
    for (std::size_t i = 0; i < constraints.size(); ++i) {
      const std::uint64_t feature = groups[g].features[i];
      if (feature == DomainSums::kNoLabel) continue;
      const std::int64_t pods = constraints[i].is_hostname() ? static_cast<std::int64_t>(feature)
                                                             : soft_.sums[i].Of(feature);
      score += Crowding(pods, weights[i], constraints[i].max_skew);
    }
    scores[g] = static_cast<std::int64_t>(std::round(score));
  }
  NormalizeSpread(without_points, scores);
  return true;
}

std::size_t SpreadMemory::bytes() const {
  std::size_t bytes = sizeof(*this);
  for (const Side* side : {&hard_, &soft_}) {
    bytes += side->selecting.bytes();
    for (const DomainSums& sums : side->sums) bytes += sums.bytes();
  }
  for (const auto& rows : on_node_) bytes += rows.capacity() * sizeof(std::int64_t);
  return bytes;
}

}  // namespace heat_scheduler
