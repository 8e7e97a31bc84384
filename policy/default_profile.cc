#include "policy/default_profile.h"

#include <string>

#include "nlohmann/json.hpp"
#include "policy/profile_config.h"

namespace heat_scheduler {
namespace {

struct DefaultPlugin {
  std::string_view name;
  std::int32_t weight = 0;  // Of Score; 0: none stated.
};

// kube-scheduler's, in the order in which they run.
// clang-format off
constexpr DefaultPlugin kDefaultPlugins[] = {
    {"SchedulingGates"},
    {"PrioritySort"},
    {"NodeUnschedulable"},
    {"NodeName"},
    {"TaintToleration", 3},
    {"NodeAffinity", 2},
    {"NodePorts"},
    {"NodeResourcesFit", 1},
    {"VolumeRestrictions"},
    {"NodeVolumeLimits"},
    {"VolumeBinding"},
    {"VolumeZone"},
    {"PodTopologySpread", 2},
    {"InterPodAffinity", 2},
    {"DynamicResources", 2},
    {"DefaultPreemption"},
    {"NodeResourcesBalancedAllocation", 1},
    {"ImageLocality", 1},
    {"DefaultBinder"},
    {"NodeDeclaredFeatures"},
};
// clang-format on

}  // namespace

PluginSets DefaultPluginSets() {
  PluginSets sets;
  for (const auto& [name, weight] : kDefaultPlugins) {
    sets.multi_point.enabled.push_back({std::string(name), weight});
  }
  return sets;
}

nlohmann::json DefaultProfileJson() {
  nlohmann::json profile;
  profile["schedulerName"] = kDefaultSchedulerName;
  profile["plugins"]["multiPoint"]["enabled"][0]["name"] = "Heat";
  return profile;
}

absl::StatusOr<Profile> DefaultProfile() { return ProfileFromJson(DefaultProfileJson()); }

}  // namespace heat_scheduler
