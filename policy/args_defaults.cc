#include "policy/args_defaults.h"

#include "nlohmann/json.hpp"
#include "plugins/defaults/default_preemption/default_preemption_args.h"
#include "plugins/defaults/inter_pod_affinity/inter_pod_affinity_args.h"
#include "plugins/defaults/scored_resources.h"
#include "plugins/defaults/volumes/volume_binding_args.h"
#include "plugins/heat/heat_args.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;

// Lists the resources that are scored where none are stated; a weight of 0 is one not stated.
void FillResources(json& args) {
  json& resources = args["resources"];
  if (resources.empty()) {
    resources = json::array();
    for (const ScoredResource& resource : DefaultScoredResources()) {
      resources.push_back({{"name", resource.name}});
    }
  }
  for (json& resource : resources) {
    if (resource.value("weight", 0) == 0) resource["weight"] = 1;
  }
}

}  // namespace

void FillNothing(json& /*args*/) {}

void FillNodeResourcesFitArgs(json& args) {
  if (!args.contains("scoringStrategy")) args["scoringStrategy"]["type"] = "LeastAllocated";
  FillResources(args["scoringStrategy"]);
}

void FillBalancedAllocationArgs(json& args) { FillResources(args); }

void FillVolumeBindingArgs(json& args) {
  args.emplace("bindTimeoutSeconds", VolumeBindingArgs().bind_timeout_seconds);
}

void FillPodTopologySpreadArgs(json& args) { args.emplace("defaultingType", "System"); }

void FillInterPodAffinityArgs(json& args) {
  const InterPodAffinityArgs defaults;
  args.emplace("hardPodAffinityWeight", defaults.hard_pod_affinity_weight);
  args.emplace("ignorePreferredTermsOfExistingPods",
               defaults.ignore_preferred_terms_of_existing_pods);
}

void FillDynamicResourcesArgs(json& args) {
  args.emplace("filterTimeout", "10s");
  args.emplace("bindingTimeout", "10m");
}

void FillDefaultPreemptionArgs(json& args) {
  const DefaultPreemptionArgs defaults;
  args.emplace("minCandidateNodesPercentage", defaults.min_candidate_nodes_percentage);
  args.emplace("minCandidateNodesAbsolute", defaults.min_candidate_nodes_absolute);
}

void FillHeatArgs(json& args) {
  const HeatArgs defaults;
  args.emplace("annotation", defaults.annotation);
  args.emplace("timeAnnotation", defaults.time_annotation);
  args.emplace("mode", "Coolest");
  args.emplace("coldCelsius", defaults.cold_celsius);
  args.emplace("hotCelsius", defaults.hot_celsius);
}

}  // namespace heat_scheduler
