// The defaults of plugins' arguments as JSON, so that a written configuration has them all. Values
// are those of the structs that the arguments are decoded into. Each function is an ArgsDefaulter
// (plugin_registry.h).
// Source: pkg/scheduler/apis/config/v1/defaults.go, v1.36, with the default feature gates.
#pragma once

#include "nlohmann/json_fwd.hpp"

namespace heat_scheduler {

// Of plugins all of whose arguments may be absent.
void FillNothing(nlohmann::json& args);

void FillNodeResourcesFitArgs(nlohmann::json& args);
void FillBalancedAllocationArgs(nlohmann::json& args);
void FillVolumeBindingArgs(nlohmann::json& args);
void FillPodTopologySpreadArgs(nlohmann::json& args);
void FillInterPodAffinityArgs(nlohmann::json& args);
void FillDynamicResourcesArgs(nlohmann::json& args);
void FillDefaultPreemptionArgs(nlohmann::json& args);
void FillHeatArgs(nlohmann::json& args);

}  // namespace heat_scheduler
