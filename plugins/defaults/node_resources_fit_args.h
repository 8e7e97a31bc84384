// NodeResourcesFitArgs: what of a pod's requests is left to others, and how nodes are scored.
//
// Source: pkg/scheduler/apis/config (v1/defaults.go, validation/validation_pluginargs.go), v1.36.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"
#include "plugins/defaults/scoring_strategy.h"

namespace heat_scheduler {

struct NodeResourcesFitArgs {
  // Extended resources that the filter leaves out, by name and by what stands before the slash.
  std::vector<std::string> ignored_resources = {};
  std::vector<std::string> ignored_resource_groups = {};
  ScoringStrategy strategy = {};
};

// Decodes the arguments; null is the defaults. Returns InvalidArgument with all mistakes.
absl::StatusOr<NodeResourcesFitArgs> DecodeNodeResourcesFitArgs(const nlohmann::json& json);

}  // namespace heat_scheduler
