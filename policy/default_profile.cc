#include "policy/default_profile.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "nlohmann/json.hpp"
#include "policy/plugin_registry.h"

namespace heat_scheduler {
namespace {

struct DefaultPlugin {
  std::string_view name;
  std::int64_t score_weight = 1;
};

// In the order in which they run. Without arguments, Heat is in mode Coolest.
constexpr DefaultPlugin kDefaultPlugins[] = {
    {"SchedulingGates"},
    {"PrioritySort"},
    {"NodeUnschedulable"},
    {"NodeName"},
    {"TaintToleration", 3},
    {"NodeAffinity", 2},
    {"NodePorts"},
    {"NodeResourcesFit"},
    {"VolumeRestrictions"},
    {"NodeVolumeLimits"},
    {"VolumeBinding"},
    {"VolumeZone"},
    {"PodTopologySpread", 2},
    {"InterPodAffinity", 2},
    {"DynamicResources", 2},
    {"DefaultPreemption"},
    {"NodeResourcesBalancedAllocation"},
    {"ImageLocality"},
    {"DefaultBinder"},
    {"NodeDeclaredFeatures"},
    {"Heat"},
};

}  // namespace

absl::StatusOr<Profile> DefaultProfile() {
  std::vector<Profile::Enabled> enabled;
  for (const DefaultPlugin& listed : kDefaultPlugins) {
    ASSIGN_OR_RETURN(std::unique_ptr<Plugin> plugin, CreatePlugin(listed.name, nullptr));
    enabled.push_back({std::move(plugin), listed.score_weight});
  }
  return Profile::Create(kDefaultSchedulerName, std::move(enabled));
}

}  // namespace heat_scheduler
