#include "policy/legacy_names.h"

#include <algorithm>
#include <iterator>

namespace heat_scheduler {
namespace {

constexpr std::string_view kByTaints =
    "is left out: such nodes have taints, which PodToleratesNodeTaints heeds";
constexpr std::string_view kNoArgument =
    "is left out: under this very name kube-scheduler read no argument, and filtered nothing";

constexpr LegacyAlias kPredicateAliases[] = {
    {"PodFitsPorts", "PodFitsHostPorts", ""},
    {"CheckNodeCondition", "", kByTaints},
    {"CheckNodeMemoryPressure", "", kByTaints},
    {"CheckNodeDiskPressure", "", kByTaints},
    {"CheckNodePIDPressure", "", kByTaints},
    {"NoVolumeNodeConflict", "CheckVolumeBinding", "is taken for CheckVolumeBinding"},
    {"CheckNodeLabelPresence", "", kNoArgument},
    {"CheckServiceAffinity", "", kNoArgument},
};

constexpr LegacyAlias kPriorityAliases[] = {
    {"ServiceSpreadingPriority", "SelectorSpreadPriority", ""},
    {"RequestedToCapacityRatioPriority", "RequestedToCapacityRatio", ""},
    {"EqualPriority", "", "is left out: it gives all nodes the same"},
    {"NodePreferAvoidPodsPriority", "",
     "is left out: plugin NodePreferAvoidPods was removed in 1.24: use taints"},
};

constexpr LegacyPriority kPriorities[] = {
    {"BalancedResourceAllocation", "NodeResourcesBalancedAllocation", 1},
    {"EvenPodsSpreadPriority", "PodTopologySpread", 2},
    {"ImageLocalityPriority", "ImageLocality", 1},
    {"InterPodAffinityPriority", "InterPodAffinity", 1},
    {"LeastRequestedPriority", "NodeResourcesFit", 1, "LeastAllocated"},
    {"MostRequestedPriority", "NodeResourcesFit", 0, "MostAllocated"},
    {"NodeAffinityPriority", "NodeAffinity", 1},
    {"RequestedToCapacityRatio", "NodeResourcesFit", 0, "RequestedToCapacityRatio"},
    {"SelectorSpreadPriority", "PodTopologySpread", 1},
    {"TaintTolerationPriority", "TaintToleration", 1},
};

template <typename Rows>
auto FindByName(const Rows& rows, std::string_view name) -> decltype(&*std::begin(rows)) {
  const auto found = std::find_if(std::begin(rows), std::end(rows),
                                  [name](const auto& row) { return row.name == name; });
  return found == std::end(rows) ? nullptr : &*found;
}

}  // namespace

const std::vector<LegacyPredicate>& LegacyPredicates() {
  static const auto& predicates = *new std::vector<LegacyPredicate>{
      {"CheckNodeUnschedulable", {"NodeUnschedulable"}, true, true},
      {"GeneralPredicates", {"NodeResourcesFit", "NodeName", "NodePorts", "NodeAffinity"}, true},
      {"HostName", {"NodeName"}},
      {"PodFitsHostPorts", {"NodePorts"}},
      {"MatchNodeSelector", {"NodeAffinity"}},
      {"PodFitsResources", {"NodeResourcesFit"}},
      {"NoDiskConflict", {"VolumeRestrictions"}, true},
      {"PodToleratesNodeTaints", {"TaintToleration"}, true, true},
      {"MaxEBSVolumeCount", {"NodeVolumeLimits"}, true},
      {"MaxGCEPDVolumeCount", {"NodeVolumeLimits"}, true},
      {"MaxCSIVolumeCountPred", {"NodeVolumeLimits"}, true},
      {"MaxAzureDiskVolumeCount", {"NodeVolumeLimits"}, true},
      {"MaxCinderVolumeCount", {"NodeVolumeLimits"}},
      {"CheckVolumeBinding", {"VolumeBinding"}, true},
      {"NoVolumeZoneConflict", {"VolumeZone"}, true},
      {"EvenPodsSpread", {"PodTopologySpread"}, true},
      {"MatchInterPodAffinity", {"InterPodAffinity"}, true},
  };
  return predicates;
}

absl::Span<const LegacyPriority> LegacyPriorities() { return kPriorities; }

const LegacyPredicate* FindLegacyPredicate(std::string_view name) {
  return FindByName(LegacyPredicates(), name);
}
const LegacyPriority* FindLegacyPriority(std::string_view name) {
  return FindByName(kPriorities, name);
}
const LegacyAlias* FindPredicateAlias(std::string_view name) {
  return FindByName(kPredicateAliases, name);
}
const LegacyAlias* FindPriorityAlias(std::string_view name) {
  return FindByName(kPriorityAliases, name);
}

}  // namespace heat_scheduler
