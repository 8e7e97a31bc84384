#include "plugins/defaults/node_affinity.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/objects.h"
#include "kube/selectors.h"
#include "plugins/defaults/normalize.h"
#include "plugins/defaults/required_node_affinity.h"

namespace heat_scheduler {
namespace {

struct NodeAffinityState final : PluginState {
  explicit NodeAffinityState(const Cycle& cycle) : required(cycle.pod_class(), cycle.facts()) {}

  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<NodeAffinityState>(*this);
  }

  RequiredNodeAffinity required;
};

using Names = std::set<std::string>;

// Returns the names that one term allows by metadata.name In, or nothing if it does not ask for
// names.
std::optional<Names> NamesOf(const std::vector<kube::SelectorRequirement>& fields) {
  std::optional<Names> names;
  for (const kube::SelectorRequirement& field : fields) {
    if (field.key != "metadata.name" || field.op != kube::SelectorOperator::kIn) continue;
    Names allowed(field.values.begin(), field.values.end());
    if (names) {
      std::erase_if(allowed, [&](const std::string& name) { return !names->contains(name); });
    }
    names = std::move(allowed);
  }
  return names;
}

// Verdict::detail.
enum Detail : std::uint64_t { kOwn = 0, kAdded = 1 };

using PreferredTerms = std::vector<kube::PreferredSchedulingTerm>;

// Returns the sum of the weights of the terms that select the node.
std::int64_t WeightOf(const PreferredTerms& terms, const kube::ObjectMeta& node) {
  std::int64_t sum = 0;
  for (const kube::PreferredSchedulingTerm& term : terms) {
    if (kube::Matches(term.preference, node.labels, node.name)) sum += term.weight;
  }
  return sum;
}

// Returns what keeps Kubernetes from reading the terms. It does not read those without weight.
std::vector<std::string> ProblemsOf(const PreferredTerms& terms) {
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (terms[i].weight == 0) continue;
    for (std::string& problem : kube::Problems(terms[i].preference, absl::StrCat("[", i, "]"))) {
      problems.push_back(std::move(problem));
    }
  }
  return problems;
}

}  // namespace

PreFilterResult NodeAffinity::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  const PodClass& pod_class = cycle.pod_class();
  if (!pod_class.has_required_node_affinity && pod_class.node_selector.empty() &&
      !added_.required) {
    result.status.code = Code::kSkip;
    return result;
  }
  cycle.state.Put(this, std::make_unique<NodeAffinityState>(cycle));

  Names union_of_terms;
  for (const auto& fields : cycle.facts().node_affinity_fields) {
    std::optional<Names> names = NamesOf(fields);
    // Terms are alternatives: one that names no node leaves all nodes in.
    if (!names) return result;
    union_of_terms.merge(*names);
  }
  if (cycle.facts().node_affinity_fields.empty()) return result;
  if (union_of_terms.empty()) {
    result.status.code = Code::kUnschedulableAndUnresolvable;
    result.status.reasons = {"pod affinity terms conflict"};
    return result;
  }
  result.node_names.emplace(union_of_terms.begin(), union_of_terms.end());
  return result;
}

void NodeAffinity::Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const {
  const NodeColumns& columns = cycle.cluster.columns();
  // A profile can leave PreFilter out.
  std::optional<RequiredNodeAffinity> made;
  if (!cycle.state.PreFilterRan(this)) made.emplace(cycle.pod_class(), cycle.facts());
  const RequiredNodeAffinity& required =
      made ? *made : cycle.state.Get<NodeAffinityState>(this).required;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const kube::Node& node = *columns.node[nodes[i]];
    if (added_.required &&
        !kube::Matches(*added_.required, node.metadata.labels, node.metadata.name)) {
      verdicts[i] = {Code::kUnschedulableAndUnresolvable, kAdded};
    } else if (!required.Matches(node)) {
      verdicts[i] = {Code::kUnschedulableAndUnresolvable, kOwn};
    }
  }
}

std::vector<std::string> NodeAffinity::Reasons(const Cycle& /*cycle*/,
                                               const Verdict& verdict) const {
  if (verdict.detail == kAdded) return {"node(s) didn't match scheduler-enforced node affinity"};
  return {"node(s) didn't match Pod's node affinity/selector"};
}

Status NodeAffinity::PreScore(const Cycle& cycle, NodeSpan /*nodes*/) const {
  const PreferredTerms& preferred = cycle.pod_class().preferred_node_affinity;
  Status status;
  if (std::vector<std::string> problems = ProblemsOf(preferred); !problems.empty()) {
    const bool one = problems.size() == 1;
    status.code = Code::kError;
    status.reasons = {one ? problems[0] : absl::StrCat("[", absl::StrJoin(problems, ", "), "]")};
  } else if (preferred.empty() && added_.preferred.empty()) {
    status.code = Code::kSkip;
  }
  return status;
}

void NodeAffinity::Score(const Cycle& cycle, NodeSpan nodes,
                         absl::Span<std::int64_t> scores) const {
  const NodeColumns& columns = cycle.cluster.columns();
  const PreferredTerms& preferred = cycle.pod_class().preferred_node_affinity;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const kube::ObjectMeta& node = columns.node[nodes[i]]->metadata;
    scores[i] = WeightOf(added_.preferred, node) + WeightOf(preferred, node);
  }
}

void NodeAffinity::NormalizeScore(const Cycle& /*cycle*/, NodeSpan /*nodes*/,
                                  absl::Span<std::int64_t> scores) const {
  NormalizeByGreatest(Better::kHigher, scores);
}

}  // namespace heat_scheduler
