#include "plugins/defaults/taint_toleration.h"

#include <algorithm>
#include <cstddef>

#include "kube/objects.h"
#include "kube/selectors.h"
#include "plugins/defaults/normalize.h"

namespace heat_scheduler {
namespace {

bool Tolerated(const kube::Taint& taint, const std::vector<kube::Toleration>& tolerations) {
  return std::any_of(
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

void TaintToleration::Score(const Cycle& cycle, NodeSpan nodes,
                            absl::Span<std::int64_t> scores) const {
  const NodeColumns& columns = cycle.cluster.columns();
  const std::vector<kube::Toleration>& tolerations = cycle.pod_class().tolerations;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::vector<kube::Taint>& taints = columns.node[nodes[i]]->taints;
    scores[i] = std::count_if(taints.begin(), taints.end(), [&](const kube::Taint& taint) {
      return taint.effect == kube::TaintEffect::kPreferNoSchedule && !Tolerated(taint, tolerations);
    });
  }
}

void TaintToleration::NormalizeScore(const Cycle& /*cycle*/, NodeSpan /*nodes*/,
                                     absl::Span<std::int64_t> scores) const {
  NormalizeByGreatest(Better::kLower, scores);
}

}  // namespace heat_scheduler
