// The arguments of the plugin DefaultPreemption, as in `pluginConfig[].args` of a
// KubeSchedulerConfiguration.
//
// They say on how many nodes a preemption is tried out, which matters in clusters of more than 100
// nodes. Source: k8s.io/kube-scheduler config/v1 (DefaultPreemptionArgs), v0.36, and
// pkg/scheduler/apis/config/validation/validation_pluginargs.go, v1.36.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"

namespace heat_scheduler {

struct DefaultPreemptionArgs {
  std::int32_t min_candidate_nodes_percentage = 10;  // minCandidateNodesPercentage, 0 to 100
  std::int32_t min_candidate_nodes_absolute = 100;   // minCandidateNodesAbsolute, >= 0

  // Returns how many candidates are wanted where so many nodes come into question: the greater of
  // the two, at most all.
  std::size_t WantedCandidates(std::size_t nodes) const;
};

// Returns the arguments of a JSON object, or the defaults of null. Returns InvalidArgument with all
// mistakes: unknown keys, wrong types, a value out of range, both zero.
absl::StatusOr<DefaultPreemptionArgs> DecodeDefaultPreemptionArgs(const nlohmann::json& args);

}  // namespace heat_scheduler
