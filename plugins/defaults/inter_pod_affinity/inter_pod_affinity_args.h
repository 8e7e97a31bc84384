// The arguments of InterPodAffinity, as in `pluginConfig[].args` of a KubeSchedulerConfiguration.
//
// Source: kubescheduler.config.k8s.io/v1 (InterPodAffinityArgs), its defaults and its validation,
// v1.36.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"

namespace heat_scheduler {

struct InterPodAffinityArgs {
  // hardPodAffinityWeight, 0..100: what required affinity of a placed pod adds to the score of its
  // domain for a pod that it matches.
  std::int32_t hard_pod_affinity_weight = 1;
  // ignorePreferredTermsOfExistingPods: pods without preferred terms of their own get no score.
  bool ignore_preferred_terms_of_existing_pods = false;
};

// Returns the arguments of a JSON object, or the defaults of null. Returns InvalidArgument with all
// mistakes: unknown keys, wrong types, a weight out of range.
absl::StatusOr<InterPodAffinityArgs> DecodeInterPodAffinityArgs(const nlohmann::json& args);

}  // namespace heat_scheduler
