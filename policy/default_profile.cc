#include "policy/default_profile.h"

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "nlohmann/json.hpp"
#include "policy/plugin_registry.h"

namespace heat_scheduler {
namespace {

// In the order in which they run. Without arguments, Heat is in mode Coolest.
constexpr std::string_view kDefaultPlugins[] = {
    "SchedulingGates",    "PrioritySort",
    "NodeUnschedulable",  "NodeName",
    "TaintToleration",    "NodeAffinity",
    "NodePorts",          "NodeResourcesFit",
    "VolumeRestrictions", "NodeVolumeLimits",
    "VolumeBinding",      "VolumeZone",
    "DefaultBinder",      "Heat",
};

}  // namespace

absl::StatusOr<Profile> DefaultProfile() {
  std::vector<Profile::Enabled> enabled;
  for (std::string_view name : kDefaultPlugins) {
    ASSIGN_OR_RETURN(std::unique_ptr<Plugin> plugin, CreatePlugin(name, nullptr));
    enabled.push_back({.plugin = std::move(plugin)});
  }
  return Profile::Create(kDefaultSchedulerName, std::move(enabled));
}

}  // namespace heat_scheduler
