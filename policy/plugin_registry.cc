#include "policy/plugin_registry.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "nlohmann/json.hpp"
#include "plugins/defaults/default_binder.h"
#include "plugins/defaults/default_preemption/default_preemption.h"
#include "plugins/defaults/dynamic_resources.h"
#include "plugins/defaults/image_locality.h"
#include "plugins/defaults/inter_pod_affinity/inter_pod_affinity.h"
#include "plugins/defaults/node_affinity.h"
#include "plugins/defaults/node_affinity_args.h"
#include "plugins/defaults/node_declared_features.h"
#include "plugins/defaults/node_name.h"
#include "plugins/defaults/node_ports.h"
#include "plugins/defaults/node_resources_balanced_allocation.h"
#include "plugins/defaults/node_resources_fit.h"
#include "plugins/defaults/node_resources_fit_args.h"
#include "plugins/defaults/node_unschedulable.h"
#include "plugins/defaults/pod_topology_spread/pod_topology_spread.h"
#include "plugins/defaults/priority_sort.h"
#include "plugins/defaults/scheduling_gates.h"
#include "plugins/defaults/taint_toleration.h"
#include "plugins/defaults/volumes/node_volume_limits.h"
#include "plugins/defaults/volumes/volume_binding.h"
#include "plugins/defaults/volumes/volume_binding_args.h"
#include "plugins/defaults/volumes/volume_restrictions.h"
#include "plugins/defaults/volumes/volume_zone.h"
#include "plugins/heat/heat.h"
#include "plugins/heat/heat_args.h"
#include "policy/args_defaults.h"
#include "policy/foreign_plugins.h"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {
namespace {

using PluginOr = absl::StatusOr<std::unique_ptr<Plugin>>;

// The factory of a plugin without arguments.
template <typename T>
PluginOr WithoutArgs(const nlohmann::json& args) {
  ArgsReader reader(args, std::string(T::kName) + "Args");
  RETURN_IF_ERROR(reader.Finish());
  return std::make_unique<T>();
}

PluginOr NodeAffinityFromArgs(const nlohmann::json& args) {
  ASSIGN_OR_RETURN(NodeAffinityArgs decoded, DecodeNodeAffinityArgs(args));
  return std::make_unique<NodeAffinity>(std::move(decoded));
}

PluginOr NodeResourcesFitFromArgs(const nlohmann::json& args) {
  ASSIGN_OR_RETURN(NodeResourcesFitArgs decoded, DecodeNodeResourcesFitArgs(args));
  return std::make_unique<NodeResourcesFit>(std::move(decoded));
}

PluginOr BalancedAllocationFromArgs(const nlohmann::json& args) {
  ASSIGN_OR_RETURN(std::vector<ScoredResource> decoded, DecodeBalancedAllocationArgs(args));
  return std::make_unique<NodeResourcesBalancedAllocation>(std::move(decoded));
}

PluginOr DefaultPreemptionFromArgs(const nlohmann::json& args) {
  ASSIGN_OR_RETURN(const DefaultPreemptionArgs decoded, DecodeDefaultPreemptionArgs(args));
  return std::make_unique<DefaultPreemption>(decoded);
}

PluginOr PodTopologySpreadFromArgs(const nlohmann::json& args) {
  ASSIGN_OR_RETURN(PodTopologySpreadArgs decoded, DecodePodTopologySpreadArgs(args));
  return std::make_unique<PodTopologySpread>(std::move(decoded));
}

PluginOr InterPodAffinityFromArgs(const nlohmann::json& args) {
  ASSIGN_OR_RETURN(const InterPodAffinityArgs decoded, DecodeInterPodAffinityArgs(args));
  return std::make_unique<InterPodAffinity>(decoded);
}

PluginOr DynamicResourcesFromArgs(const nlohmann::json& args) {
  RETURN_IF_ERROR(CheckDynamicResourcesArgs(args));
  return std::make_unique<DynamicResources>();
}

PluginOr HeatFromArgs(const nlohmann::json& args) {
  ASSIGN_OR_RETURN(HeatArgs decoded, DecodeHeatArgs(args));
  return CreateHeat(std::move(decoded));
}

PluginOr VolumeBindingFromArgs(const nlohmann::json& args) {
  ASSIGN_OR_RETURN(const VolumeBindingArgs decoded, DecodeVolumeBindingArgs(args));
  return std::make_unique<VolumeBinding>(decoded);
}

template <typename T>
PluginRegistration Default() {
  return {T::kName, &WithoutArgs<T>};
}

}  // namespace

const std::vector<PluginRegistration>& PluginRegistry() {
  static const auto* const kRegistry = new std::vector<PluginRegistration>{
      Default<SchedulingGates>(),
      Default<PrioritySort>(),
      Default<NodeUnschedulable>(),
      Default<NodeName>(),
      Default<TaintToleration>(),
      {NodeAffinity::kName, &NodeAffinityFromArgs, &FillNothing},
      Default<NodePorts>(),
      {NodeResourcesFit::kName, &NodeResourcesFitFromArgs, &FillNodeResourcesFitArgs},
      Default<VolumeRestrictions>(),
      Default<NodeVolumeLimits>(),
      {VolumeBinding::kName, &VolumeBindingFromArgs, &FillVolumeBindingArgs},
      Default<VolumeZone>(),
      {PodTopologySpread::kName, &PodTopologySpreadFromArgs, &FillPodTopologySpreadArgs},
      {InterPodAffinity::kName, &InterPodAffinityFromArgs, &FillInterPodAffinityArgs},
      {DynamicResources::kName, &DynamicResourcesFromArgs, &FillDynamicResourcesArgs},
      {DefaultPreemption::kName, &DefaultPreemptionFromArgs, &FillDefaultPreemptionArgs},
      {NodeResourcesBalancedAllocation::kName, &BalancedAllocationFromArgs,
       &FillBalancedAllocationArgs},
      Default<ImageLocality>(),
      Default<DefaultBinder>(),
      Default<NodeDeclaredFeatures>(),
      {kHeatName, &HeatFromArgs, &FillHeatArgs},
  };
  return *kRegistry;
}

const PluginRegistration* FindPlugin(std::string_view name) {
  for (const PluginRegistration& registration : PluginRegistry()) {
    if (registration.name == name) return &registration;
  }
  return nullptr;
}

std::string NoSuchPlugin(std::string_view name) {
  if (const std::string_view fate = FateOfPlugin(name); !fate.empty()) {
    return absl::StrCat("plugin ", ToAbsl(name), " ", ToAbsl(fate));
  }
  std::vector<std::string> known;
  for (const PluginRegistration& registration : PluginRegistry()) {
    known.emplace_back(registration.name);
  }
  return absl::StrCat("there is no plugin ", Quoted(name), ", did you mean ",
                      ToAbsl(NearestName(name, known)), "?");
}

absl::StatusOr<std::unique_ptr<Plugin>> CreatePlugin(std::string_view name,
                                                     const nlohmann::json& args) {
  const PluginRegistration* registration = FindPlugin(name);
  if (registration == nullptr) return absl::NotFoundError(NoSuchPlugin(name));
  return registration->create(args);
}

}  // namespace heat_scheduler
