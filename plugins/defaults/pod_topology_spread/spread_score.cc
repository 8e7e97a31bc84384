#include "plugins/defaults/pod_topology_spread/spread_score.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

#include "base/math.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {
namespace {

// Returns the node's domain; an absent label counts as an empty one.
std::string_view DomainOf(const kube::Node& node, const SpreadConstraint& constraint) {
  const auto label = node.metadata.labels.find(constraint.topology_key);
  return label == node.metadata.labels.end() ? std::string_view() : label->second;
}

}  // namespace

SpreadScore::SpreadScore(SpreadTerms terms, const ClusterState& cluster, NodeSpan nodes,
                         bool require_all_keys)
    : terms_(std::move(terms)), pods_(terms_.constraints().size()) {
  FindDomains(cluster, nodes, require_all_keys);
  CountPods(cluster, require_all_keys);
}

void SpreadScore::FindDomains(const ClusterState& cluster, NodeSpan nodes, bool require_all_keys) {
  const auto& constraints = terms_.constraints();
  for (const NodeId id : nodes) {
    const kube::Node& node = *cluster.columns().node[id];
    if (require_all_keys && !terms_.HasAllKeys(node)) {
      without_points_.insert(id);
      continue;
    }
    for (std::size_t i = 0; i < constraints.size(); ++i) {
      if (constraints[i].is_hostname()) continue;
      pods_[i].try_emplace(DomainOf(node, constraints[i]), 0);
    }
  }
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const std::size_t domains =
        constraints[i].is_hostname() ? nodes.size() - without_points_.size() : pods_[i].size();
    weights_.push_back(SpreadWeight(domains));
  }
}

void SpreadScore::CountPods(const ClusterState& cluster, bool require_all_keys) {
  const auto& constraints = terms_.constraints();
  std::vector<std::int64_t> matching(terms_.selector_count());
  for (const NodeId id : cluster.nodes()) {
    const kube::Node& node = *cluster.columns().node[id];
    if (require_all_keys && !terms_.HasAllKeys(node)) continue;
    matching.assign(matching.size(), -1);
    for (std::size_t i = 0; i < constraints.size(); ++i) {
      if (constraints[i].is_hostname() || !terms_.Includes(constraints[i], node)) continue;
      const auto domain = pods_[i].find(DomainOf(node, constraints[i]));
      if (domain == pods_[i].end()) continue;
      std::int64_t& count = matching[constraints[i].selector];
      if (count < 0) count = terms_.Count(constraints[i].selector, cluster.columns().pods[id]);
      domain->second += count;
    }
  }
}

std::int64_t SpreadScore::Raw(NodeId id, const ClusterState& cluster) const {
  if (without_points_.contains(id)) return 0;
  const kube::Node& node = *cluster.columns().node[id];
  const auto& constraints = terms_.constraints();
  double score = 0;
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    if (!node.metadata.labels.contains(constraints[i].topology_key)) continue;
    const std::int64_t pods =
        constraints[i].is_hostname()
            ? terms_.Count(constraints[i].selector, cluster.columns().pods[id])
            : pods_[i].find(DomainOf(node, constraints[i]))->second;
    score += Crowding(pods, weights_[i], constraints[i].max_skew);
  }
  return static_cast<std::int64_t>(std::round(score));
}

void SpreadScore::Normalize(NodeSpan nodes, absl::Span<std::int64_t> scores) const {
  std::vector<std::uint8_t> without_points(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    without_points[i] = without_points_.contains(nodes[i]) ? 1 : 0;
  }
  NormalizeSpread(without_points, scores);
}

double SpreadWeight(std::size_t domains) { return NaturalLog(static_cast<double>(domains + 2)); }

double Crowding(std::int64_t pods, double weight, std::int64_t max_skew) {
  // The more a skew is tolerated, the less differences matter.
  return static_cast<double>(pods) * weight + static_cast<double>(max_skew - 1);
}

void NormalizeSpread(absl::Span<const std::uint8_t> without_points,
                     absl::Span<std::int64_t> scores) {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (without_points[i] != 0) continue;
    least = std::min(least, scores[i]);
    most = std::max(most, scores[i]);
  }
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (without_points[i] != 0) {
      scores[i] = 0;
    } else if (most == 0) {
      scores[i] = kMaxNodeScore;
    } else {
      scores[i] = kMaxNodeScore * (most + least - scores[i]) / most;
    }
  }
}

}  // namespace heat_scheduler
