// The arguments of PodTopologySpread, as in `pluginConfig[].args` of a KubeSchedulerConfiguration.
//
// Source: kubescheduler.config.k8s.io/v1 (PodTopologySpreadArgs), its defaults and its validation,
// v1.36.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "kube/objects.h"
#include "nlohmann/json_fwd.hpp"

namespace heat_scheduler {

struct PodTopologySpreadArgs {
  // Constraints of pods that have none of their own; their selectors follow from what selects the
  // pod. They are those of defaultConstraints or, with defaultingType System, kube-scheduler's:
  // over hostnames with a skew of 3, over zones with one of 5, both ScheduleAnyway.
  std::vector<kube::TopologySpreadConstraint> default_constraints;
  // defaultingType is System: nodes that lack one of the keys count for the others.
  bool system_defaulting = false;
};

// Returns the arguments of a JSON object, or the defaults of null. Returns InvalidArgument with all
// mistakes: unknown keys, wrong types, an unknown defaultingType, constraints with type System, a
// maxSkew below 1, a topologyKey that is no label's key, a whenUnsatisfiable that is absent or
// unknown, a labelSelector, two constraints with equal key and whenUnsatisfiable.
absl::StatusOr<PodTopologySpreadArgs> DecodePodTopologySpreadArgs(const nlohmann::json& args);

}  // namespace heat_scheduler
