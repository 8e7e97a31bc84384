#include "plugins/defaults/taint_toleration.h"

#include <cstddef>

#include "kube/objects.h"
#include "kube/selectors.h"

namespace heat_scheduler {

void TaintToleration::Filter(const Cycle& cycle, NodeSpan nodes,
                             absl::Span<Verdict> verdicts) const {
  const NodeColumns& columns = cycle.cluster.columns();
  const std::vector<kube::Toleration>& tolerations = cycle.pod_class().tolerations;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const kube::Taint& taint : columns.node[nodes[i]]->taints) {
      if (!kube::KeepsOff(taint, tolerations)) continue;
      verdicts[i].code = Code::kUnschedulableAndUnresolvable;
      break;
    }
  }
}

std::vector<std::string> TaintToleration::Reasons(const Cycle& /*cycle*/,
                                                  const Verdict& /*verdict*/) const {
  return {"node(s) had untolerated taint(s)"};
}

}  // namespace heat_scheduler
