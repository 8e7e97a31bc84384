#include "plugins/defaults/pod_topology_spread/pod_topology_spread.h"

#include <cstddef>
#include <memory>

#include "plugins/defaults/pod_topology_spread/spread_counts.h"
#include "plugins/defaults/pod_topology_spread/spread_memory.h"
#include "plugins/defaults/pod_topology_spread/spread_score.h"
#include "plugins/defaults/pod_topology_spread/spread_terms.h"

namespace heat_scheduler {
namespace {

// What PreFilter leaves to Filter.
struct SpreadFilterState final : PluginState {
  explicit SpreadFilterState(SpreadTerms spread_terms)
      : terms(std::make_shared<const SpreadTerms>(std::move(spread_terms))) {}

  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<SpreadFilterState>(*this);
  }

  std::shared_ptr<const SpreadTerms> terms;
  std::vector<SpreadCounts> counts;  // By constraint.
};

std::vector<SpreadCounts> CountPods(const SpreadTerms& terms, const ClusterState& cluster) {
  const auto& constraints = terms.constraints();
  std::vector<PodsByDomain> pods(constraints.size());
  std::vector<std::int64_t> matching(terms.selector_count());
  for (const NodeId id : cluster.nodes()) {
    const kube::Node& node = *cluster.columns().node[id];
    if (!terms.HasAllKeys(node)) continue;
    for (std::size_t s = 0; s < matching.size(); ++s) {
      matching[s] = terms.Count(s, cluster.columns().pods[id]);
    }
    for (std::size_t i = 0; i < constraints.size(); ++i) {
      if (!terms.Includes(constraints[i], node)) continue;
      const std::string& domain = node.metadata.labels.find(constraints[i].topology_key)->second;
      pods[i][domain] += matching[constraints[i].selector];
    }
  }
  std::vector<SpreadCounts> counts;
  counts.reserve(pods.size());
  for (PodsByDomain& by_domain : pods) counts.emplace_back(std::move(by_domain));
  return counts;
}

void Correct(const Plugin* plugin, const Cycle& cycle, const PodRecord& pod, NodeId id,
             std::int64_t count) {
  auto& state = cycle.state.Get<SpreadFilterState>(plugin);
  const kube::Node& node = *cycle.cluster.columns().node[id];
  if (!state.terms->HasAllKeys(node)) return;
  const auto& constraints = state.terms->constraints();
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    if (!state.terms->Matches(constraints[i].selector, *pod.pod)) continue;
    if (!state.terms->Includes(constraints[i], node)) continue;
    state.counts[i].Add(node.metadata.labels.find(constraints[i].topology_key)->second, count);
  }
}

// Returns what the constraints say of a node with these labels.
Verdict Judge(const SpreadFilterState& state, const kube::StringMap& labels) {
  const auto& constraints = state.terms->constraints();
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const SpreadConstraint& constraint = constraints[i];
    const auto domain = labels.find(constraint.topology_key);
    if (domain == labels.end()) {
      return VerdictOf(SpreadMisfit::kMissingLabel);
    }
    const SpreadCounts& counts = state.counts[i];
    const bool too_few = static_cast<std::int64_t>(counts.domain_count()) < constraint.min_domains;
    const std::int64_t least = too_few ? 0 : counts.Least();
    const std::int64_t pods = counts.Of(domain->second) + (constraint.matches_itself ? 1 : 0);
    if (pods - least > constraint.max_skew) {
      return VerdictOf(SpreadMisfit::kSkew);
    }
  }
  return {};
}

}  // namespace

PreFilterResult PodTopologySpread::PreFilter(const Cycle& cycle) const {
  auto state = std::make_unique<SpreadFilterState>(SpreadTerms::Hard(args_, cycle));
  if (state->terms->constraints().empty()) return {Status::Skip(), {}, {}};
  state->counts = CountPods(*state->terms, cycle.cluster);
  cycle.state.Put(this, std::move(state));
  return {};
}

void PodTopologySpread::AddPod(const Cycle& cycle, const PodRecord& pod, NodeId node) const {
  Correct(this, cycle, pod, node, 1);
}

void PodTopologySpread::RemovePod(const Cycle& cycle, const PodRecord& pod, NodeId node) const {
  Correct(this, cycle, pod, node, -1);
}

void PodTopologySpread::Filter(const Cycle& cycle, NodeSpan nodes,
                               absl::Span<Verdict> verdicts) const {
  const auto& state = cycle.state.Get<SpreadFilterState>(this);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    verdicts[i] = Judge(state, cycle.cluster.columns().node[nodes[i]]->metadata.labels);
  }
}

std::vector<std::string> PodTopologySpread::Reasons(const Cycle& /*cycle*/,
                                                    const Verdict& verdict) const {
  std::string reason = "node(s) didn't match pod topology spread constraints";
  if (verdict.detail == static_cast<std::uint64_t>(SpreadMisfit::kMissingLabel)) {
    reason += " (missing required label)";
  }
  return {std::move(reason)};
}

std::unique_ptr<GroupMemory> PodTopologySpread::Remember(const PodRecord& pod,
                                                         const ClusterState& cluster) const {
  CycleState none;
  const Cycle cycle{cluster, pod, none, Instant{}};
  const bool own = !pod.pod_class->topology_spread_constraints.empty();
  const bool by_owners = !own && !args_.default_constraints.empty();
  return std::make_unique<SpreadMemory>(
      SpreadTerms::Hard(args_, cycle), SpreadTerms::Soft(args_, cycle), cluster,
      own || !args_.system_defaulting, by_owners ? pod.pod.get() : nullptr);
}

Status PodTopologySpread::PreScore(const Cycle& cycle, NodeSpan nodes) const {
  SpreadTerms terms = SpreadTerms::Soft(args_, cycle);
  if (terms.constraints().empty()) return Status::Skip();
  const bool own = !cycle.pod_class().topology_spread_constraints.empty();
  cycle.state.Put(this, std::make_unique<SpreadScore>(std::move(terms), cycle.cluster, nodes,
                                                      own || !args_.system_defaulting));
  return {};
}

void PodTopologySpread::Score(const Cycle& cycle, NodeSpan nodes,
                              absl::Span<std::int64_t> scores) const {
  const auto& state = cycle.state.Get<SpreadScore>(this);
  for (std::size_t i = 0; i < nodes.size(); ++i) scores[i] = state.Raw(nodes[i], cycle.cluster);
}

void PodTopologySpread::NormalizeScore(const Cycle& cycle, NodeSpan nodes,
                                       absl::Span<std::int64_t> scores) const {
  cycle.state.Get<SpreadScore>(this).Normalize(nodes, scores);
}

}  // namespace heat_scheduler
