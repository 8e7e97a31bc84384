// Policy v1, how kube-scheduler was configured before 1.23, as a KubeSchedulerConfiguration v1 that
// filters and scores the same.
//
// What that version took is taken: predicates and priorities by their names and aliases, those that
// take arguments by these; `predicates` or `priorities` that are absent stand for the defaults of
// 1.22, empty lists for the mandatory predicates and for no priority. Unknown keys are ignored, as
// they were there, and keys of extenders are read whatever their case. What has no successor is
// left out with a warning if it only said what is preferred, and is a mistake if pods would land
// where the policy did not let them. All mistakes are reported at once, one a line, each with its
// path. Pure functions. Source: pkg/scheduler/factory.go (createFromPolicy),
// framework/plugins/legacy_registry.go, apis/config/validation/validation.go (ValidatePolicy),
// k8s.io/kube-scheduler/config/v1/types.go, v1.22.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {

struct ConvertedPolicy {
  nlohmann::json config;  // A KubeSchedulerConfiguration, what it leaves out at default.
  std::vector<std::string> warnings;  // What was left out or stands for something else, with path.
};

// Converts a policy's text, YAML or JSON, of one document. `source` names it in messages; its one
// profile is called `scheduler_name`. Returns InvalidArgument.
absl::StatusOr<ConvertedPolicy> ConvertPolicy(std::string_view text, std::string_view source,
                                              std::string_view scheduler_name);

}  // namespace heat_scheduler
