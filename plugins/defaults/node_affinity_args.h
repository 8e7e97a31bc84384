// NodeAffinityArgs: a node affinity that holds for every pod of the profile.
//
// `addedAffinity` has the form of a pod's spec.affinity.nodeAffinity. Source:
// pkg/scheduler/apis/config (v1.36).
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "kube/objects.h"
#include "nlohmann/json_fwd.hpp"

namespace heat_scheduler {

struct NodeAffinityArgs {
  std::optional<kube::NodeSelector> required;
  std::vector<kube::PreferredSchedulingTerm> preferred;
};

// Decodes the arguments; null is the defaults. Returns InvalidArgument with all mistakes.
absl::StatusOr<NodeAffinityArgs> DecodeNodeAffinityArgs(const nlohmann::json& json);

}  // namespace heat_scheduler
