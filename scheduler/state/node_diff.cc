#include "scheduler/state/node_diff.h"

#include <algorithm>
#include <tuple>

namespace heat_scheduler {
namespace {

bool SameTaints(const kube::Node& a, const kube::Node& b) {
  const auto fields = [](const kube::Taint& t) { return std::tie(t.key, t.value, t.effect); };
  return a.unschedulable == b.unschedulable &&
         std::equal(a.taints.begin(), a.taints.end(), b.taints.begin(), b.taints.end(),
                    [&](const auto& x, const auto& y) { return fields(x) == fields(y); });
}

bool SameImages(const kube::Node& a, const kube::Node& b) {
  const auto fields = [](const kube::ContainerImage& i) { return std::tie(i.names, i.size_bytes); };
  return std::equal(a.images.begin(), a.images.end(), b.images.begin(), b.images.end(),
                    [&](const auto& x, const auto& y) { return fields(x) == fields(y); });
}

}  // namespace

Inputs ChangedInputs(const kube::Node& before, const kube::Node& after) {
  Inputs changed;
  if (before.allocatable != after.allocatable) changed = changed | Inputs{Input::kNodeResources};
  if (before.metadata.labels != after.metadata.labels) {
    changed = changed | Inputs{Input::kNodeLabels, Input::kTopologyCounts};
  }
  if (!SameTaints(before, after)) changed = changed | Inputs{Input::kNodeTaints};
  if (!SameImages(before, after)) changed = changed | Inputs{Input::kNodeImages};
  if (before.metadata.annotations != after.metadata.annotations) {
    changed = changed | Inputs{Input::kNodeAnnotations};
  }
  if (before.declared_features != after.declared_features) {
    changed = changed | Inputs{Input::kNodeDeclaredFeatures};
  }
  return changed;
}

}  // namespace heat_scheduler
