#include "plugins/defaults/node_unschedulable.h"

#include <algorithm>
#include <cstddef>

#include "kube/objects.h"
#include "kube/selectors.h"

namespace heat_scheduler {
namespace {

bool ToleratesUnschedulable(const PodClass& pod_class) {
  static const auto& taint = *new kube::Taint{"node.kubernetes.io/unschedulable", "",
                                              kube::TaintEffect::kNoSchedule};
  return std::any_of(
      pod_class.tolerations.begin(), pod_class.tolerations.end(),
      [&](const kube::Toleration& toleration) { return kube::Tolerates(toleration, taint); });
}

}  // namespace

void NodeUnschedulable::Filter(const Cycle& cycle, NodeSpan nodes,
                               absl::Span<Verdict> verdicts) const {
  if (ToleratesUnschedulable(cycle.pod_class())) return;
  const NodeColumns& columns = cycle.cluster.columns();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (columns.node[nodes[i]]->unschedulable) {
      verdicts[i].code = Code::kUnschedulableAndUnresolvable;
    }
  }
}

std::vector<std::string> NodeUnschedulable::Reasons(const Cycle& /*cycle*/,
                                                    const Verdict& /*verdict*/) const {
  return {"node(s) were unschedulable"};
}

}  // namespace heat_scheduler
