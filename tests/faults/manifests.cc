#include "tests/faults/manifests.h"

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace heat_scheduler {
namespace {

using Json = nlohmann::json;

template <typename T, std::size_t N>
const T& OneOf(Random& random, const T (&values)[N]) {
  return values[random.Below(N)];
}

constexpr const char* kTaintKeys[] = {"dedicated", "maintenance"};
constexpr const char* kTaintEffects[] = {"NoSchedule", "NoExecute", "PreferNoSchedule"};
constexpr const char* kDisks[] = {"ssd", "hdd"};
constexpr char kDevice[] = "example.com/gpu";

Json DrawRequests(Random& random) {
  Json requests = Json::object();
  if (random.Chance(0.8)) {
    constexpr const char* kCpu[] = {"100m", "250m", "500m", "750m", "1", "1500m"};
    requests["cpu"] = OneOf(random, kCpu);
  }
  if (random.Chance(0.6)) {
    constexpr const char* kMemory[] = {"64Mi", "256Mi", "512Mi", "1Gi"};
    requests["memory"] = OneOf(random, kMemory);
  }
  if (random.Chance(0.1)) requests["ephemeral-storage"] = "1Gi";
  return requests;
}

Json DrawContainer(Random& random, const std::string& name) {
  Json resources = {{"requests", DrawRequests(random)}};
  if (random.Chance(0.1)) {
    resources["requests"][kDevice] = "1";
    resources["limits"][kDevice] = "1";
  }
  return {{"name", name}, {"image", "registry.example/app:1"}, {"resources", resources}};
}

}  // namespace

Json DrawAllocatable(Random& random) {
  constexpr const char* kCpu[] = {"1", "2", "2500m", "4"};
  constexpr const char* kMemory[] = {"1Gi", "2Gi", "4Gi"};
  constexpr const char* kPods[] = {"2", "4", "8", "110"};
  Json allocatable = {{"cpu", OneOf(random, kCpu)},
                      {"memory", OneOf(random, kMemory)},
                      {"pods", OneOf(random, kPods)}};
  if (random.Chance(0.7)) allocatable["ephemeral-storage"] = "2Gi";
  if (random.Chance(0.3)) allocatable[kDevice] = "1";
  return allocatable;
}

Json DrawTaints(Random& random) {
  Json taints = Json::array();
  for (const char* key : kTaintKeys) {
    if (random.Chance(0.3)) {
      taints.push_back({{"key", key}, {"value", "yes"}, {"effect", OneOf(random, kTaintEffects)}});
    }
  }
  return taints;
}

std::string DrawTemperature(Random& random) {
  if (random.Chance(0.3)) {
    constexpr const char* kAbsurd[] = {"",     "hot", "NaN", "-Inf", "1e308",
                                       "-273", "151", "+40", "40C"};
    return OneOf(random, kAbsurd);
  }
  return absl::StrCat(20 + random.Below(70), ".", random.Below(10));
}

Json DrawNode(Random& random, const std::string& name) {
  Json allocatable = DrawAllocatable(random);
  Json node = {{"apiVersion", "v1"},
               {"kind", "Node"},
               {"metadata",
                {{"name", name},
                 {"labels", {{"kubernetes.io/hostname", name}, {"disk", OneOf(random, kDisks)}}},
                 {"annotations", Json::object()}}},
               {"spec", Json::object()},
               {"status", {{"capacity", allocatable}, {"allocatable", allocatable}}}};
  if (random.Chance(0.8)) {
    node["metadata"]["annotations"][kTemperatureAnnotation] = DrawTemperature(random);
  }
  if (random.Chance(0.3)) node["spec"]["taints"] = DrawTaints(random);
  return node;
}

Json DrawToleration(Random& random) {
  const char* key = OneOf(random, kTaintKeys);
  if (random.Chance(0.5)) return {{"key", key}, {"operator", "Exists"}};
  return {{"key", key}, {"operator", "Equal"}, {"value", "yes"}, {"effect", "NoSchedule"}};
}

Json DrawPod(Random& random, const std::string& name, const std::string& scheduler_name) {
  Json spec = {{"schedulerName", scheduler_name},
               {"containers", Json::array({DrawContainer(random, "app")})}};
  if (random.Chance(0.1)) spec["containers"].push_back(DrawContainer(random, "second"));
  if (random.Chance(0.1)) {
    Json sidecar = DrawContainer(random, "sidecar");
    if (random.Chance(0.5)) sidecar["restartPolicy"] = "Always";
    spec["initContainers"] = Json::array({sidecar});
  }
  if (random.Chance(0.1)) {
    spec["containers"][0]["ports"] =
        Json::array({{{"containerPort", 80}, {"hostPort", 8080 + random.Below(2)}}});
  }
  if (random.Chance(0.15)) spec["nodeSelector"] = {{"disk", OneOf(random, kDisks)}};
  if (random.Chance(0.1)) {
    Json term = {
        {"matchExpressions", Json::array({{{"key", "disk"},
                                           {"operator", "NotIn"},
                                           {"values", Json::array({OneOf(random, kDisks)})}}})}};
    spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        ["nodeSelectorTerms"] = Json::array({term});
  }
  if (random.Chance(0.25)) spec["tolerations"] = Json::array({DrawToleration(random)});
  if (random.Chance(0.1)) spec["schedulingGates"] = Json::array({{{"name", "example.com/wait"}}});
  if (random.Chance(0.4)) spec["priorityClassName"] = OneOf(random, kPriorityClasses).name;
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata",
           {{"name", name},
            {"namespace", "default"},
            {"labels", {{"app", "a"}, {kTierLabel, OneOf(random, kTiers)}}}}},
          {"spec", spec}};
}

Json DrawBudget(Random& random, const std::string& name) {
  return {{"apiVersion", "policy/v1"},
          {"kind", "PodDisruptionBudget"},
          {"metadata", {{"name", name}, {"namespace", "default"}}},
          {"spec",
           {{"minAvailable", 1},
            {"selector", {{"matchLabels", {{kTierLabel, OneOf(random, kTiers)}}}}}}}};
}

}  // namespace heat_scheduler
