#include "policy/foreign_plugins.h"

#include <utility>

namespace heat_scheduler {
namespace {

constexpr std::string_view kLimits =
    "was removed from kubescheduler.config.k8s.io/v1: NodeVolumeLimits does its work";
constexpr std::string_view kGate =
    "is alpha in kube-scheduler v1.36, off by default, and is not part of this scheduler";

constexpr std::pair<std::string_view, std::string_view> kFates[] = {
    {"AzureDiskLimits", kLimits},
    {"CinderLimits", kLimits},
    {"EBSLimits", kLimits},
    {"GCEPDLimits", kLimits},
    {"GangScheduling", kGate},
    {"TopologyPlacementGenerator", kGate},
    {"PodGroupPodsCount", kGate},
    {"NodeLabel", "was removed in 1.23: give NodeAffinity an addedAffinity"},
    {"NodePreferAvoidPods", "was removed in 1.24: use taints"},
    {"NodeResourcesLeastAllocated",
     "was removed in 1.24: give NodeResourcesFit the scoringStrategy LeastAllocated"},
    {"NodeResourcesMostAllocated",
     "was removed in 1.24: give NodeResourcesFit the scoringStrategy MostAllocated"},
    {"RequestedToCapacityRatio",
     "was removed in 1.24: give NodeResourcesFit the scoringStrategy RequestedToCapacityRatio"},
    {"SelectorSpread", "was removed in 1.27: PodTopologySpread does its work"},
    {"ServiceAffinity", "was removed in 1.23: use pod affinity"},
};

}  // namespace

std::string_view FateOfPlugin(std::string_view name) {
  for (const auto& [foreign, fate] : kFates) {
    if (foreign == name) return fate;
  }
  return {};
}

}  // namespace heat_scheduler
