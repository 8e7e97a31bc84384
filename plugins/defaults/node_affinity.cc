#include "plugins/defaults/node_affinity.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "kube/objects.h"
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

}  // namespace

PreFilterResult NodeAffinity::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  const PodClass& pod_class = cycle.pod_class();
  if (!pod_class.has_required_node_affinity && pod_class.node_selector.empty()) {
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
  const RequiredNodeAffinity& required = cycle.state.Get<NodeAffinityState>(this).required;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!required.Matches(*columns.node[nodes[i]])) {
      verdicts[i].code = Code::kUnschedulableAndUnresolvable;
    }
  }
}

std::vector<std::string> NodeAffinity::Reasons(const Cycle& /*cycle*/,
                                               const Verdict& /*verdict*/) const {
  return {"node(s) didn't match Pod's node affinity/selector"};
}

}  // namespace heat_scheduler
