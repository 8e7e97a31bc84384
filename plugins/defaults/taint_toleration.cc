#include "plugins/defaults/taint_toleration.h"

#include <algorithm>
#include <cstddef>

#include "kube/objects.h"
#include "kube/selectors.h"

namespace heat_scheduler {
namespace {

// Returns true if the taint keeps off pods that have none but these tolerations.
bool KeepsOff(const kube::Taint& taint, const std::vector<kube::Toleration>& tolerations) {
  if (taint.effect != kube::TaintEffect::kNoSchedule &&
      taint.effect != kube::TaintEffect::kNoExecute) {
    return false;
  }
  return std::none_of(
      tolerations.begin(), tolerations.end(),
      [&](const kube::Toleration& toleration) { return kube::Tolerates(toleration, taint); });
}

}  // namespace

void TaintToleration::Filter(const Cycle& cycle, NodeSpan nodes,
                             absl::Span<Verdict> verdicts) const {
  const NodeColumns& columns = cycle.cluster.columns();
  const std::vector<kube::Toleration>& tolerations = cycle.pod_class().tolerations;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const kube::Taint& taint : columns.node[nodes[i]]->taints) {
      if (!KeepsOff(taint, tolerations)) continue;
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
