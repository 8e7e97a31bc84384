// `extenders[]` of a Policy v1, as those of a KubeSchedulerConfiguration v1.
//
// Keys were read whatever their case, `enableHttps` among them, and `httpTimeout` is a number of
// nanoseconds. Pure functions. Source: k8s.io/kube-scheduler/config/v1/types.go (LegacyExtender),
// v1.22.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nlohmann/json.hpp"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {

// Returns a copy of an object with the keys as `known` spells them, whatever their case was; others
// are left out with a warning. Anything that is no object is returned as it is.
nlohmann::json WithKnownKeys(const nlohmann::json& object, const std::vector<std::string>& known,
                             std::string_view path, std::vector<std::string>& warnings);

// Returns the keys of one of the `extenders`.
const std::vector<std::string>& LegacyExtenderKeys();

// Reads `extenders` of a policy whose keys are spelled like these; returns them in the newer form,
// or null if there are none.
nlohmann::json ConvertExtenders(ArgsReader& reader);

}  // namespace heat_scheduler
