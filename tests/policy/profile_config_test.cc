#include "policy/profile_config.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {
namespace profile_config_test {

using nlohmann::json;
using Names = std::vector<std::string>;
using Weights = std::vector<std::pair<std::string, std::int64_t>>;

template <typename Entries>
Names NamesOf(const Entries& entries) {
  Names names;
  for (const auto& entry : entries) names.emplace_back(entry.plugin->name());
  return names;
}

Weights WeightsOf(const Profile& profile) {
  Weights weights;
  for (const Profile::ScoreEntry& entry : profile.score()) {
    weights.emplace_back(entry.plugin->name(), entry.weight);
  }
  return weights;
}

absl::StatusOr<Profile> Parse(const std::string& text) {
  return ProfileFromJson(json::parse(text));
}

std::string Mistakes(const std::string& text) {
  const absl::StatusOr<Profile> profile = Parse(text);
  EXPECT_TRUE(profile.ok() || profile.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(profile.status().message());
}

// A profile of few plugins, so that a row shows all that is enabled.
std::string Few(const std::string& more) {
  return R"({"plugins": {"multiPoint": {"disabled": [{"name": "*"}], "enabled": [
      {"name": "PrioritySort"}, {"name": "DefaultBinder"}, {"name": "NodeName"},
      {"name": "NodeAffinity"}, {"name": "NodeResourcesFit", "weight": 4}]})" +
         more + "}}";
}

TEST(ProfileFromJson, IsKubeSchedulersDefaultOfNothing) {
  for (const char* text : {"null", "{}", R"({"schedulerName": "default-scheduler"})"}) {
    const absl::StatusOr<Profile> profile = Parse(text);
    ASSERT_TRUE(profile.ok()) << profile.status();
    EXPECT_EQ(profile->scheduler_name(), "default-scheduler");
    EXPECT_EQ(profile->percentage_of_nodes_to_score(), 0);
    EXPECT_TRUE(profile->set_filter().empty());
    EXPECT_EQ(NamesOf(profile->filter()).front(), "NodeUnschedulable");
  }
}

TEST(ProfileFromJson, TakesNameAndPercentage) {
  const auto profile = Parse(R"({"schedulerName": "a", "percentageOfNodesToScore": 40})");
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->scheduler_name(), "a");
  EXPECT_EQ(profile->percentage_of_nodes_to_score(), 40);
}

TEST(ProfileFromJson, RunsWhatIsLeftOfMultiPoint) {
  const auto profile = Parse(Few(""));
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->plugins().size(), 5u);
  EXPECT_EQ(NamesOf(profile->filter()), (Names{"NodeName", "NodeAffinity", "NodeResourcesFit"}));
  EXPECT_EQ(WeightsOf(*profile).back(),
            (std::pair<std::string, std::int64_t>{"NodeResourcesFit", 4}));
}

TEST(ProfileFromJson, PutsWhatAPointNamesFirst) {
  const auto profile = Parse(Few(R"(, "filter": {"enabled": [{"name": "NodeResourcesFit"},
      {"name": "TaintToleration"}, {"name": "NodeAffinity"}]})"));
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(NamesOf(profile->filter()),
            (Names{"NodeResourcesFit", "NodeAffinity", "NodeName", "TaintToleration"}));
}

TEST(ProfileFromJson, DisablesAtOnePointAlone) {
  const auto profile = Parse(Few(R"(, "filter": {"disabled": [{"name": "NodeAffinity"}]})"));
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(NamesOf(profile->filter()), (Names{"NodeName", "NodeResourcesFit"}));
  EXPECT_EQ(NamesOf(profile->pre_filter()), (Names{"NodeAffinity", "NodeResourcesFit"}));
}

TEST(ProfileFromJson, ReWeighsAtScore) {
  const auto profile = Parse(Few(R"(, "score": {"disabled": [{"name": "*"}],
      "enabled": [{"name": "NodeResourcesFit", "weight": 9}]})"));
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(WeightsOf(*profile), (Weights{{"NodeResourcesFit", 9}}));
}

TEST(ProfileFromJson, AcceptsDisablingWhatKubeSchedulerKnowsAndWeDoNot) {
  EXPECT_EQ(Mistakes(R"({"plugins": {"multiPoint": {"disabled": [{"name": "GangScheduling"},
      {"name": "EBSLimits"}]}, "placementScore": {"disabled": [{"name": "*"}]}}})"),
            "");
}

TEST(ProfileFromJson, HandsArgumentsToThePlugin) {
  const std::string heat =
      R"({"plugins": {"multiPoint": {"enabled": [{"name": "Heat"}]}},
          "pluginConfig": [{"name": "Heat", "args": {"mode": ")";
  const auto score = Parse(heat + R"(Score"}}]})");
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_TRUE(score->set_filter().empty());
  EXPECT_EQ(NamesOf(score->score()).back(), "Heat");
  const auto coolest = Parse(heat + R"(Coolest"}}]})");
  ASSERT_TRUE(coolest.ok()) << coolest.status();
  EXPECT_EQ(NamesOf(coolest->set_filter()), (Names{"Heat"}));
}

struct BadRow {
  std::string name;
  std::string profile;
  std::string mistakes;
};

class BadProfile : public testing::TestWithParam<BadRow> {};

TEST_P(BadProfile, IsRefusedWithEveryMistake) {
  EXPECT_EQ(Mistakes(GetParam().profile), GetParam().mistakes);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadProfile,
    testing::ValuesIn(std::vector<BadRow>{
        {"NoObject", "[]", "want an object, got a list"},
        {"UnknownKey", R"({"schedulername": "a"})",
         "unknown key \"schedulername\", did you mean schedulerName?"},
        {"EmptyName", R"({"schedulerName": ""})",
         "schedulerName: is required and must not be empty"},
        {"UnknownExtensionPoint", R"({"plugins": {"prefilter": {}}})",
         "plugins: unknown key \"prefilter\", did you mean preFilter?"},
        {"SetFilterIsNoKey", R"({"plugins": {"setFilter": {}}})",
         "plugins: unknown key \"setFilter\", did you mean postFilter?"},
        {"UnknownKeysDeepDown",
         R"({"plugins": {"filter": {"enable": [], "enabled": [{"Name": "NodeName"}]}}})",
         "plugins.filter.enabled[0].name: is required and must not be empty\n"
         "plugins.filter.enabled[0]: unknown key \"Name\", did you mean name?\n"
         "plugins.filter: unknown key \"enable\", did you mean enabled?"},
        {"UnknownPlugins",
         R"({"plugins": {"filter": {"enabled": [{"name": "NodeNames"}]},
                         "score": {"disabled": [{"name": "NodeResourceFit"}]}},
             "pluginConfig": [{"name": "heat"}]})",
         "plugins.filter.enabled[0].name: there is no plugin \"NodeNames\", did you mean "
         "NodeName?\n"
         "plugins.score.disabled[0].name: there is no plugin \"NodeResourceFit\", did you mean "
         "NodeResourcesFit?\n"
         "pluginConfig[0].name: there is no plugin \"heat\", did you mean Heat?"},
        {"RemovedPlugin", R"({"plugins": {"filter": {"enabled": [{"name": "EBSLimits"}]}}})",
         "plugins.filter.enabled[0].name: plugin EBSLimits was removed from "
         "kubescheduler.config.k8s.io/v1: NodeVolumeLimits does its work"},
        {"AlphaPlugin", R"({"plugins": {"permit": {"enabled": [{"name": "GangScheduling"}]}}})",
         "plugins.permit.enabled[0].name: plugin GangScheduling is alpha in kube-scheduler v1.36, "
         "off by default, and is not part of this scheduler"},
        {"AlphaPoint",
         R"({"plugins": {"placementScore": {"enabled": [{"name": "NodeResourcesFit"}]}}})",
         "plugins.placementScore: this extension point is alpha in kube-scheduler v1.36, off by "
         "default, and is not part of this scheduler"},
        {"EnabledTwice",
         R"({"plugins": {"multiPoint": {"enabled": [{"name": "Heat"}, {"name": "Heat"}]}}})",
         "plugins.multiPoint.enabled[1].name: plugin Heat is enabled in this list already"},
        {"NoSuchPoint", R"({"plugins": {"score": {"enabled": [{"name": "NodeName"}]},
                                        "filter": {"enabled": [{"name": "PrioritySort"}]}}})",
         "plugins.filter.enabled[0].name: plugin PrioritySort has no extension point filter\n"
         "plugins.score.enabled[0].name: plugin NodeName has no extension point score"},
        {"HeatHasThePointsOfItsMode", R"({"plugins": {"score": {"enabled": [{"name": "Heat"}]}}})",
         "plugins.score.enabled[0].name: plugin Heat has no extension point score"},
        {"NegativeWeight",
         R"({"plugins": {"score": {"enabled": [{"name": "NodeResourcesFit", "weight": -1}]}}})",
         "plugins.score.enabled[0].weight: must not be negative, got -1"},
        {"WeightBeyond32Bits",
         R"({"plugins": {"score": {"enabled": [{"name": "NodeResourcesFit",
                                                "weight": 2147483648}]}}})",
         "plugins.score.enabled[0].weight: want a whole number from -2147483648 to 2147483647, got "
         "2147483648"},
        {"NoQueueSortNoBind",
         R"({"plugins": {"multiPoint": {"disabled": [{"name": "*"}],
                                        "enabled": [{"name": "NodeName"}]}}})",
         "plugins.queueSort: exactly one plugin has to be enabled, there are 0\n"
         "plugins.bind: at least one plugin has to be enabled, there is none"},
        {"PercentageOutOfRange", R"({"percentageOfNodesToScore": -1})",
         "percentageOfNodesToScore: want 0 to 100, got -1"},
        {"ArgsTwice", R"({"pluginConfig": [{"name": "Heat", "args": {}}, {"name": "Heat"}]})",
         "pluginConfig[1].name: plugin Heat has its arguments already"},
        {"ArgsOfNone", R"({"pluginConfig": [{"name": "NodeName", "args": {"node": "a"}}]})",
         "pluginConfig[0].args: unknown key \"node\", there are no arguments"},
        {"ArgsOfAnotherKind",
         R"({"pluginConfig": [{"name": "Heat", "args": {"kind": "NodeAffinityArgs"}}]})",
         "pluginConfig[0].args.kind: want HeatArgs, got \"NodeAffinityArgs\""},
        {"ArgsOfAnotherVersion",
         R"({"pluginConfig": [{"name": "Heat", "args":
             {"apiVersion": "kubescheduler.config.k8s.io/v1beta3"}}]})",
         "pluginConfig[0].args.apiVersion: want kubescheduler.config.k8s.io/v1, got "
         "\"kubescheduler.config.k8s.io/v1beta3\""},
        {"WrongArgs",
         R"({"pluginConfig": [{"name": "Heat", "args": {"mode": "Hot", "coldCelsius": "20"}}]})",
         "pluginConfig[0].args.mode: want Coolest or Score, got \"Hot\"\n"
         "pluginConfig[0].args.coldCelsius: want a number, got \"20\""},
        {"ArgsAreText", R"({"pluginConfig": [{"name": "Heat", "args": "mode"}]})",
         "pluginConfig[0].args: want an object, got \"mode\""},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace profile_config_test
}  // namespace heat_scheduler
