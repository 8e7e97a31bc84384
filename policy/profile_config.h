// One profile of a KubeSchedulerConfiguration v1, from JSON to a Profile.
//
// Everything that is wrong is a mistake of the reader, with its path, and all of it is found at
// once: names of plugins that do not exist, plugins named twice in a list or at an extension point
// that they do not have, arguments that a plugin does not take. Stricter than kube-scheduler, which
// ignores unknown names in `disabled` and in `pluginConfig` and takes negative weights. Source:
// k8s.io/kube-scheduler/config/v1/types.go; pkg/scheduler/apis/config/v1/defaults.go,
// validation/validation.go; framework/runtime/framework.go (NewFramework), v1.36.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "policy/plugin_sets.h"
#include "scheduler/framework/args_reader.h"
#include "scheduler/framework/profile.h"

namespace heat_scheduler {

// `profiles[]`, its defaults filled in.
struct ProfileConfig {
  std::string scheduler_name;
  std::optional<std::int32_t> percentage_of_nodes_to_score;  // Absent: as the configuration says.
  PluginSets plugins;
  // By the plugin's name: arguments with every default filled in, of all enabled plugins that take
  // any.
  std::map<std::string, nlohmann::json> plugin_config;
};

// Makes a percentageOfNodesToScore outside 0 to 100 a mistake.
void CheckPercentage(std::int32_t percentage, ArgsReader& reader);

// Reads a profile whose `plugins` come on top of `default_plugins`. Without a schedulerName it gets
// `default_name`; empty: it is a mistake to have none.
ProfileConfig ReadProfileConfig(ArgsReader& reader, const PluginSets& default_plugins,
                                std::string_view default_name);

// Builds the profile. Mistakes that only the plugins themselves show are added to `reader`, which
// read it; if it has any, nothing is returned. The percentage is the profile's, or else
// `percentage_of_nodes_to_score`.
std::optional<Profile> BuildProfile(const ProfileConfig& config,
                                    std::int32_t percentage_of_nodes_to_score, ArgsReader& reader);

// Returns the profile of one element of `profiles` in v1 JSON, or of null, on top of
// kube-scheduler's own defaults: no plugin of ours unless it is named. Without a schedulerName it
// is default-scheduler. Returns InvalidArgument with all mistakes, one a line.
absl::StatusOr<Profile> ProfileFromJson(const nlohmann::json& profile);

}  // namespace heat_scheduler
