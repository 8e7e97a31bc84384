// The plugins that are enabled without anybody saying so, and the profile that runs without
// configuration: kube-scheduler's defaults and Heat in mode Coolest, for pods with schedulerName
// heat-scheduler.
//
// Source: pkg/scheduler/apis/config/v1/default_plugins.go, v1.36, with the default feature gates.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"
#include "policy/plugin_sets.h"
#include "scheduler/framework/profile.h"

namespace heat_scheduler {

inline constexpr char kDefaultSchedulerName[] = "heat-scheduler";
// The schedulerName of pods that state none.
inline constexpr std::string_view kKubeSchedulersName = "default-scheduler";

// Returns kube-scheduler's default plugins, with their weights: all at multiPoint.
PluginSets DefaultPluginSets();

// Returns the default profile as an element of `profiles`.
nlohmann::json DefaultProfileJson();

// Returns the default profile. Fails only if the list of plugins is at odds with itself.
absl::StatusOr<Profile> DefaultProfile();

}  // namespace heat_scheduler
