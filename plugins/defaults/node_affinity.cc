#include "plugins/defaults/node_affinity.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "kube/objects.h"
#include "kube/selectors.h"

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

}  // namespace

PreFilterResult NodeAffinity::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  const PodClass& pod_class = cycle.pod_class();
  if (!pod_class.has_required_node_affinity && pod_class.node_selector.empty()) {
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
    const bool selected =
        SelectedBy(pod_class.node_selector, node.labels) &&
        (!pod_class.has_required_node_affinity || kube::Matches(required, node.labels, node.name));
    if (!selected) verdicts[i].code = Code::kUnschedulableAndUnresolvable;
  }
}

std::vector<std::string> NodeAffinity::Reasons(const Cycle& /*cycle*/,
                                               const Verdict& /*verdict*/) const {
  return {"node(s) didn't match Pod's node affinity/selector"};
}

}  // namespace heat_scheduler
