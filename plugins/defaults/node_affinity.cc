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

namespace heat_scheduler {
namespace {

// The pod's required terms put together again from its class and its facts.
struct RequiredTerms final : PluginState {
  kube::NodeSelector selector;

  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<RequiredTerms>(*this);
  }
};

std::unique_ptr<RequiredTerms> TermsOf(const PodClass& pod_class, const PodFacts& facts) {
  auto required = std::make_unique<RequiredTerms>();
  required->selector.terms = pod_class.node_affinity_terms;
  for (std::size_t i = 0; i < required->selector.terms.size(); ++i) {
    required->selector.terms[i].match_fields = facts.node_affinity_fields[i];
  }
  return required;
}

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

// Returns true if every pair of the nodeSelector is among the labels. Both are sorted by key.
bool SelectedBy(const kube::StringMap& node_selector, const kube::StringMap& labels) {
  return std::includes(labels.begin(), labels.end(), node_selector.begin(), node_selector.end());
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
  cycle.state.Put(this, TermsOf(pod_class, cycle.facts()));

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
  const PodClass& pod_class = cycle.pod_class();
  const kube::NodeSelector& required = cycle.state.Get<RequiredTerms>(this).selector;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const kube::ObjectMeta& node = columns.node[nodes[i]]->metadata;
    if (added_.required && !kube::Matches(*added_.required, node.labels, node.name)) {
      verdicts[i] = {Code::kUnschedulableAndUnresolvable, kAdded};
      continue;
    }
    const bool selected =
        SelectedBy(pod_class.node_selector, node.labels) &&
        (!pod_class.has_required_node_affinity || kube::Matches(required, node.labels, node.name));
    if (!selected) verdicts[i] = {Code::kUnschedulableAndUnresolvable, kOwn};
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
