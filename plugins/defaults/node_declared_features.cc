#include "plugins/defaults/node_declared_features.h"

#include <cstddef>
#include <iterator>

namespace heat_scheduler {
namespace {

// The features that kube-scheduler knows, sorted, as bits of a set.
constexpr std::string_view kKnown[] = {
    "ExtendWebSocketsToKubelet", "InPlacePodLevelResourcesVerticalScaling",
    "InPlacePodVerticalScalingInitContainers", "RestartAllContainersOnContainerExits",
    "UserNamespacesHostNetworkSupport"};
constexpr unsigned kRestartAllContainers = 1u << 3;
constexpr unsigned kUserNamespacesHostNetwork = 1u << 4;

unsigned NeededBy(const PodClass& pod_class) {
  unsigned needed = 0;
  if (pod_class.restarts_all_containers) needed |= kRestartAllContainers;
  if (pod_class.user_namespace_on_host_network) needed |= kUserNamespacesHostNetwork;
  return needed;
}

// Walks both lists side by side.
unsigned DeclaredBy(const kube::Node& node) {
  const std::vector<std::string>& declared = node.declared_features;
  unsigned found = 0;
  for (std::size_t i = 0, known = 0; i < declared.size() && known < std::size(kKnown);) {
    const int order = std::string_view(declared[i]).compare(kKnown[known]);
    if (order == 0) found |= 1u << known;
    if (order <= 0) ++i;
    if (order >= 0) ++known;
  }
  return found;
}

}  // namespace

PreFilterResult NodeDeclaredFeatures::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  if (NeededBy(cycle.pod_class()) == 0) result.status.code = Code::kSkip;
  return result;
}

void NodeDeclaredFeatures::Filter(const Cycle& cycle, NodeSpan nodes,
                                  absl::Span<Verdict> verdicts) const {
  const NodeColumns& columns = cycle.cluster.columns();
  const unsigned needed = NeededBy(cycle.pod_class());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if ((needed & ~DeclaredBy(*columns.node[nodes[i]])) != 0) {
      verdicts[i].code = Code::kUnschedulableAndUnresolvable;
    }
  }
}

std::vector<std::string> NodeDeclaredFeatures::Reasons(const Cycle& /*cycle*/,
                                                       const Verdict& /*verdict*/) const {
  return {"node(s) didn't match Pod's required features"};
}

}  // namespace heat_scheduler
