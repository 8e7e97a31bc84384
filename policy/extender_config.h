// `extenders` of a KubeSchedulerConfiguration v1.
//
// Source: k8s.io/kube-scheduler/config/v1/types.go (Extender);
// pkg/scheduler/apis/config/validation/validation.go (validateExtenders), v1.36.
#pragma once

#include <vector>

#include "nlohmann/json.hpp"
#include "scheduler/framework/args_reader.h"
#include "scheduler/framework/extender.h"

namespace heat_scheduler {

// Reads the list, in its order, and refuses everything that kube-scheduler refuses of it, there or
// when it makes use of it; and a preemptVerb, since this scheduler asks nobody about preemptions.
std::vector<ExtenderConfig> ReadExtenders(ArgsReader& configuration);

// Returns the list as it is read.
nlohmann::json WriteExtenders(const std::vector<ExtenderConfig>& extenders);

}  // namespace heat_scheduler
