#include "policy/legacy_policy.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "policy/scheduler_config.h"

namespace heat_scheduler {
namespace legacy_policy_test {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::StatusOr<ConvertedPolicy> Convert(const std::string& body) {
  return ConvertPolicy("kind: Policy\napiVersion: v1\n" + body, "policy.cfg", "old");
}

// Returns the plugins of an extension point, with weights: "TaintToleration 2".
std::vector<std::string> PluginsAt(const json& config, const char* point) {
  std::vector<std::string> plugins;
  const json& sets = config["profiles"][0]["plugins"];
  if (!sets.contains(point)) return plugins;
  for (const json& plugin : sets[point]["enabled"]) {
    std::string text = plugin["name"];
    if (plugin.contains("weight")) text += " " + plugin["weight"].dump();
    plugins.push_back(std::move(text));
  }
  return plugins;
}

json ArgsOf(const json& config, const std::string& plugin) {
  for (const json& entry : config["profiles"][0].value("pluginConfig", json::array())) {
    if (entry["name"] == plugin) return entry["args"];
  }
  return nullptr;
}

// Expects that the configuration can be used.
void ExpectLoads(const json& config) {
  const auto loaded = ParseSchedulerConfig(config.dump(), "converted");
  EXPECT_TRUE(loaded.ok()) << loaded.status();
}

// The policy of the training's ConfigMap scheduler-policy-config, as kube-scheduler read it.
constexpr char kTraining[] = R"({
  "kind" : "Policy",
  "apiVersion" : "v1",
  "predicates" : [
    {"name" : "PodFitsResources"}, {"name" : "PodFitsHostPorts"}, {"name" : "NoDiskConflict"}],
  "extenders" : [{
    "urlPrefix": "http://127.0.0.1:8100",
    "apiVersion": "v1",
    "filterVerb": "filter",
    "enableHttps": false}]})";

TEST(ConvertPolicy, TakesTheTrainings) {
  const auto policy = ConvertPolicy(kTraining, "policy.cfg", "heat-scheduler");
  ASSERT_TRUE(policy.ok()) << policy.status();
  const json& config = policy->config;
  EXPECT_EQ(config["kind"], "KubeSchedulerConfiguration");
  EXPECT_EQ(config["profiles"][0]["schedulerName"], "heat-scheduler");
  EXPECT_EQ(config["profiles"][0]["plugins"]["multiPoint"]["disabled"][0]["name"], "*");
  EXPECT_THAT(PluginsAt(config, "filter"),
              ElementsAre("NodeUnschedulable", "NodePorts", "NodeResourcesFit",
                          "VolumeRestrictions", "TaintToleration"));
  EXPECT_THAT(PluginsAt(config, "preFilter"),
              ElementsAre("NodePorts", "NodeResourcesFit", "VolumeRestrictions"));
  // Priorities are absent: those of 1.22.
  EXPECT_THAT(PluginsAt(config, "score"),
              ElementsAre("NodeResourcesBalancedAllocation 1", "PodTopologySpread 2",
                          "ImageLocality 1", "InterPodAffinity 1", "NodeResourcesFit 1",
                          "NodeAffinity 1", "TaintToleration 1"));
  EXPECT_THAT(PluginsAt(config, "queueSort"), ElementsAre("PrioritySort"));
  EXPECT_THAT(PluginsAt(config, "postFilter"), ElementsAre("DefaultPreemption"));
  EXPECT_THAT(PluginsAt(config, "bind"), ElementsAre("DefaultBinder"));
  EXPECT_EQ(config["extenders"],
            json::parse(R"([{"urlPrefix": "http://127.0.0.1:8100", "filterVerb": "filter"}])"));
  EXPECT_THAT(policy->warnings,
              ElementsAre("policy.cfg: extenders[0]: key \"apiVersion\" is unknown and ignored"));
  ExpectLoads(config);
}

TEST(ConvertPolicy, AbsentListsAreTheDefaultsOfThen) {
  const auto policy = Convert("");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_THAT(
      PluginsAt(policy->config, "filter"),
      ElementsAre("NodeUnschedulable", "NodeResourcesFit", "NodeName", "NodePorts", "NodeAffinity",
                  "VolumeRestrictions", "TaintToleration", "NodeVolumeLimits", "VolumeBinding",
                  "VolumeZone", "PodTopologySpread", "InterPodAffinity"));
  EXPECT_THAT(PluginsAt(policy->config, "reserve"), ElementsAre("VolumeBinding"));
  EXPECT_THAT(PluginsAt(policy->config, "preBind"), ElementsAre("VolumeBinding"));
  EXPECT_EQ(ArgsOf(policy->config, "NodeResourcesFit")["scoringStrategy"]["type"],
            "LeastAllocated");
  EXPECT_EQ(ArgsOf(policy->config, "PodTopologySpread"), nullptr);
  EXPECT_THAT(policy->warnings, IsEmpty());
  ExpectLoads(policy->config);
}

TEST(ConvertPolicy, EmptyListsAreTheMandatoryPredicatesAndNoPriority) {
  const auto policy = Convert("predicates: []\npriorities: []\n");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_THAT(PluginsAt(policy->config, "filter"),
              ElementsAre("NodeUnschedulable", "TaintToleration"));
  EXPECT_THAT(PluginsAt(policy->config, "preFilter"), IsEmpty());
  EXPECT_THAT(PluginsAt(policy->config, "score"), IsEmpty());
  EXPECT_EQ(policy->config.count("extenders"), 0u);
  ExpectLoads(policy->config);
}

struct NameRow {
  const char* name;
  std::vector<std::string> plugins;  // Beside the mandatory ones.
};

TEST(ConvertPolicy, KnowsEachPredicate) {
  const NameRow rows[] = {
      {"GeneralPredicates", {"NodeResourcesFit", "NodeName", "NodePorts", "NodeAffinity"}},
      {"PodFitsResources", {"NodeResourcesFit"}},
      {"HostName", {"NodeName"}},
      {"PodFitsHostPorts", {"NodePorts"}},
      {"PodFitsPorts", {"NodePorts"}},
      {"MatchNodeSelector", {"NodeAffinity"}},
      {"NoDiskConflict", {"VolumeRestrictions"}},
      {"NoVolumeZoneConflict", {"VolumeZone"}},
      {"CheckVolumeBinding", {"VolumeBinding"}},
      {"NoVolumeNodeConflict", {"VolumeBinding"}},
      {"MaxCSIVolumeCountPred", {"NodeVolumeLimits"}},
      {"MaxEBSVolumeCount", {"NodeVolumeLimits"}},
      {"MaxGCEPDVolumeCount", {"NodeVolumeLimits"}},
      {"MaxAzureDiskVolumeCount", {"NodeVolumeLimits"}},
      {"MaxCinderVolumeCount", {"NodeVolumeLimits"}},
      {"MatchInterPodAffinity", {"InterPodAffinity"}},
      {"EvenPodsSpread", {"PodTopologySpread"}},
      {"CheckNodeUnschedulable", {}},
      {"PodToleratesNodeTaints", {}},
      {"CheckNodeCondition", {}},
      {"CheckNodeMemoryPressure", {}},
      {"CheckNodeDiskPressure", {}},
      {"CheckNodePIDPressure", {}},
      {"CheckNodeLabelPresence", {}},
      {"CheckServiceAffinity", {}},
  };
  for (const NameRow& row : rows) {
    const auto policy = Convert(std::string("predicates: [{name: ") + row.name + "}]\n");
    ASSERT_TRUE(policy.ok()) << policy.status();
    std::vector<std::string> plugins = PluginsAt(policy->config, "filter");
    std::erase(plugins, "NodeUnschedulable");
    std::erase(plugins, "TaintToleration");
    EXPECT_EQ(plugins, row.plugins) << row.name;
    ExpectLoads(policy->config);
  }
}

TEST(ConvertPolicy, KnowsEachPriority) {
  const NameRow rows[] = {
      {"SelectorSpreadPriority", {"PodTopologySpread 7"}},
      {"ServiceSpreadingPriority", {"PodTopologySpread 7"}},
      {"InterPodAffinityPriority", {"InterPodAffinity 7"}},
      {"LeastRequestedPriority", {"NodeResourcesFit 7"}},
      {"MostRequestedPriority", {"NodeResourcesFit 7"}},
      {"BalancedResourceAllocation", {"NodeResourcesBalancedAllocation 7"}},
      {"NodeAffinityPriority", {"NodeAffinity 7"}},
      {"TaintTolerationPriority", {"TaintToleration 7"}},
      {"ImageLocalityPriority", {"ImageLocality 7"}},
      {"EvenPodsSpreadPriority", {"PodTopologySpread 7"}},
      {"NodePreferAvoidPodsPriority", {}},
      {"EqualPriority", {}},
  };
  for (const NameRow& row : rows) {
    const auto policy = Convert(std::string("priorities: [{name: ") + row.name + ", weight: 7}]\n");
    ASSERT_TRUE(policy.ok()) << policy.status();
    EXPECT_EQ(PluginsAt(policy->config, "score"), row.plugins) << row.name;
    EXPECT_EQ(policy->warnings.size(), row.plugins.empty() ? 1u : 0u) << row.name;
    ExpectLoads(policy->config);
  }
}

TEST(ConvertPolicy, SpreadsByOwnersOnlyIfThePolicySaysSo) {
  const auto without = Convert("priorities: [{name: EvenPodsSpreadPriority, weight: 1}]\n");
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_EQ(ArgsOf(without->config, "PodTopologySpread")["defaultingType"], "List");
  const auto with = Convert(
      "priorities: [{name: SelectorSpreadPriority, weight: 5},"
      " {name: EvenPodsSpreadPriority, weight: 3}]\n");
  ASSERT_TRUE(with.ok()) << with.status();
  EXPECT_EQ(ArgsOf(with->config, "PodTopologySpread"), nullptr);
  EXPECT_THAT(PluginsAt(with->config, "score"), ElementsAre("PodTopologySpread 3"));
}

TEST(ConvertPolicy, LabelsPresenceIsAnAffinityOfAllPods) {
  const auto policy = Convert(R"(
predicates:
- name: InARack
  argument: {labelsPresence: {labels: [rack, row], presence: true}}
- name: NotRetired
  argument: {labelsPresence: {labels: [retired]}}
priorities: []
)");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_THAT(PluginsAt(policy->config, "filter"),
              ElementsAre("NodeUnschedulable", "TaintToleration", "NodeAffinity"));
  EXPECT_EQ(ArgsOf(policy->config, "NodeAffinity"), json::parse(R"({"addedAffinity":
      {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{
        "matchExpressions": [{"key": "rack", "operator": "Exists"},
                             {"key": "row", "operator": "Exists"},
                             {"key": "retired", "operator": "DoesNotExist"}]}]}}})"));
  ExpectLoads(policy->config);
}

TEST(ConvertPolicy, RequestedToCapacityRatioKeepsItsShape) {
  const auto policy = Convert(R"(
priorities:
- name: Packed
  weight: 2
  argument:
    requestedToCapacityRatioArguments:
      shape: [{utilization: 0, score: 0}, {utilization: 100, score: 10}]
      resources: [{name: example.com/gpu, weight: 3}]
)");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_THAT(PluginsAt(policy->config, "score"), ElementsAre("NodeResourcesFit 2"));
  EXPECT_EQ(ArgsOf(policy->config, "NodeResourcesFit")["scoringStrategy"],
            json::parse(R"({"type": "RequestedToCapacityRatio",
              "requestedToCapacityRatio":
                {"shape": [{"utilization": 0, "score": 0}, {"utilization": 100, "score": 10}]},
              "resources": [{"name": "example.com/gpu", "weight": 3}]})"));
  ExpectLoads(policy->config);
}

TEST(ConvertPolicy, WhatOnlySaidWhatIsPreferredIsLeftOutWithAWarning) {
  const auto policy = Convert(R"(
alwaysCheckAllPredicates: true
hardPodAffinitySymmetricWeight: 10
comment: ours
priorities:
- {name: Zoned, weight: 2, argument: {serviceAntiAffinity: {label: zone}}}
- {name: Fast, weight: 1, argument: {labelPreference: {label: ssd, presence: true}}}
)");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_THAT(policy->warnings,
              ElementsAre("policy.cfg: key \"comment\" is unknown and ignored",
                          HasSubstr("policy.cfg: priorities[0]: \"Zoned\" is left out"),
                          HasSubstr("policy.cfg: priorities[1]: \"Fast\" is left out"),
                          HasSubstr("policy.cfg: alwaysCheckAllPredicates: is left out")));
  EXPECT_EQ(ArgsOf(policy->config, "InterPodAffinity")["hardPodAffinityWeight"], 10);
  ExpectLoads(policy->config);
}

TEST(ConvertPolicy, ExtendersAreReadWhateverTheCaseOfTheirKeys) {
  const auto policy = Convert(R"(
extenders:
- URLPrefix: https://extender.example
  FilterVerb: filter
  prioritizeverb: prioritize
  BindVerb: bind
  Weight: 5
  EnableHTTPS: true
  HttpTimeout: 1500000000
  NodeCacheCapable: true
  Ignorable: true
  TLSConfig: {caFile: /ca.crt}
  ManagedResources: [{name: example.com/gpu, ignoredByScheduler: true}]
)");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->config["extenders"], json::parse(R"([{
      "urlPrefix": "https://extender.example", "filterVerb": "filter",
      "prioritizeVerb": "prioritize", "bindVerb": "bind", "weight": 5, "enableHTTPS": true,
      "httpTimeout": "1.5s", "nodeCacheCapable": true, "ignorable": true,
      "tlsConfig": {"caFile": "/ca.crt"},
      "managedResources": [{"name": "example.com/gpu", "ignoredByScheduler": true}]}])"));
  EXPECT_THAT(policy->warnings, IsEmpty());
}

struct MistakeRow {
  const char* body;
  const char* message;
};

TEST(ConvertPolicy, SaysWhatIsWrong) {
  const MistakeRow rows[] = {
      {"predicates: [{name: PodFitsResource}]",
       "policy.cfg: predicates[0].name: there is no predicate \"PodFitsResource\""},
      {"predicates: [{}]", "predicates[0].name: there is no predicate \"\""},
      {"predicates: {name: HostName}", "predicates: want a list"},
      {"predicates: [{name: A, argument: {serviceAffinity: {labels: [x]}}}]",
       "predicates[0].argument.serviceAffinity: plugin ServiceAffinity was removed in 1.23"},
      {"predicates: [{name: A, argument: {serviceAffinity: {}, labelsPresence: {labels: [x]}}}]",
       "\"A\" has 2 arguments, want exactly one"},
      {"priorities: [{name: LeastRequestedPriority}]", "priorities[0].weight: want 1 to 21474836"},
      {"priorities: [{name: LeastRequestedPriority, weight: -1}]", "got -1"},
      {"priorities: [{name: Nice, weight: 1}]",
       "priorities[0].name: there is no priority \"Nice\""},
      {"priorities: [{name: LeastRequestedPriority, weight: 1},"
       " {name: MostRequestedPriority, weight: 1}]",
       "one strategy: LeastAllocated or MostAllocated, not both"},
      {"priorities: [{name: A, weight: 1, argument: {labelPreference: {label: a}}},"
       " {name: B, weight: 2, argument: {labelPreference: {label: b}}}]",
       "priorities[1].weight: all with a labelPreference must have one weight: want 1, got 2"},
      {"hardPodAffinitySymmetricWeight: 101", "hardPodAffinitySymmetricWeight: want 1 to 100"},
      {"extenders: [{filterVerb: filter}]", "extenders[0].urlPrefix: is required"},
      {"extenders: [{urlPrefix: a, prioritizeVerb: p}]",
       "extenders[0].weight: must be greater than 0"},
      {"extenders: [{urlPrefix: a, httpTimeout: 5s}]", "extenders[0].httpTimeout: want"},
      {"extenders: [{urlPrefix: a, httpTimeout: -5}]", "it is a number of nanoseconds"},
      {"extenders: [{urlPrefix: a, bindVerb: b}, {urlPrefix: c, bindVerb: b}]",
       "extenders: 2 have a bindVerb, at most one may"},
  };
  for (const MistakeRow& row : rows) {
    const auto policy = Convert(row.body);
    ASSERT_FALSE(policy.ok()) << row.body;
    EXPECT_THAT(std::string(policy.status().message()), HasSubstr(row.message));
    EXPECT_THAT(std::string(policy.status().message()), ::testing::StartsWith("policy.cfg: "));
  }
}

TEST(ConvertPolicy, SaysWhatIsNoPolicy) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"", "want one document of kind Policy, there are 0"},
           {"[]", "expected an object of keys and values, found a list"},
           {"kind: KubeSchedulerConfiguration", "kind: want Policy, got"},
           {"kind: Policy\napiVersion: v2", "apiVersion: want v1, got \"v2\""},
           {"kind: [", "policy.cfg"}}) {
    const auto policy = ConvertPolicy(text, "policy.cfg", "old");
    ASSERT_FALSE(policy.ok()) << text;
    EXPECT_THAT(std::string(policy.status().message()), HasSubstr(message));
  }
}

}  // namespace legacy_policy_test
}  // namespace heat_scheduler
