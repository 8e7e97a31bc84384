#include "plugins/defaults/node_declared_features.h"

#include <algorithm>
#include <cstddef>

namespace heat_scheduler {
namespace {

std::vector<std::string_view> FeaturesOf(const PodClass& pod_class) {
  std::vector<std::string_view> features;
  if (pod_class.restarts_all_containers) {
    features.emplace_back("RestartAllContainersOnContainerExits");
  }
  if (pod_class.user_namespace_on_host_network) {
    features.emplace_back("UserNamespacesHostNetworkSupport");
  }
  return features;
}

}  // namespace

PreFilterResult NodeDeclaredFeatures::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  if (FeaturesOf(cycle.pod_class()).empty()) result.status.code = Code::kSkip;
  return result;
}

void NodeDeclaredFeatures::Filter(const Cycle& cycle, NodeSpan nodes,
                                  absl::Span<Verdict> verdicts) const {
  const NodeColumns& columns = cycle.cluster.columns();
  const std::vector<std::string_view> features = FeaturesOf(cycle.pod_class());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::vector<std::string>& declared = columns.node[nodes[i]]->declared_features;
    const bool all = std::all_of(features.begin(), features.end(), [&](std::string_view feature) {
      return std::find(declared.begin(), declared.end(), feature) != declared.end();
    });
    if (!all) verdicts[i].code = Code::kUnschedulableAndUnresolvable;
  }
}

std::vector<std::string> NodeDeclaredFeatures::Reasons(const Cycle& /*cycle*/,
                                                       const Verdict& /*verdict*/) const {
  return {"node(s) didn't match Pod's required features"};
}

}  // namespace heat_scheduler
