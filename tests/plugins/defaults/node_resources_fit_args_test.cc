#include "plugins/defaults/node_resources_fit_args.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {
namespace node_resources_fit_args_test {

using nlohmann::json;
using enum ScoringStrategyType;

std::string Text(const std::vector<ScoredResource>& resources) {
  std::string text;
  for (const ScoredResource& resource : resources) {
    text += resource.name + "=" + std::to_string(resource.weight) + " ";
  }
  return text;
}

TEST(DecodeNodeResourcesFitArgs, HasDefaults) {
  for (const json& nothing :
       {json(nullptr), json::object(), json::parse(R"({"scoringStrategy": null})"),
        json::parse(R"({"scoringStrategy": {"type": "LeastAllocated", "resources": []}})")}) {
    const absl::StatusOr<NodeResourcesFitArgs> args = DecodeNodeResourcesFitArgs(nothing);
    ASSERT_TRUE(args.ok()) << args.status();
    EXPECT_TRUE(args->ignored_resources.empty());
    EXPECT_TRUE(args->ignored_resource_groups.empty());
    EXPECT_EQ(args->strategy.type, kLeastAllocated);
    EXPECT_EQ(Text(args->strategy.resources), "cpu=1 memory=1 ");
  }
}

TEST(DecodeNodeResourcesFitArgs, ReadsEveryArgument) {
  const absl::StatusOr<NodeResourcesFitArgs> args = DecodeNodeResourcesFitArgs(json::parse(R"({
      "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "NodeResourcesFitArgs",
      "ignoredResources": ["example.com/foo"], "ignoredResourceGroups": ["ignored.example"],
      "scoringStrategy": {"type": "RequestedToCapacityRatio",
        "resources": [{"name": "cpu", "weight": 100}, {"name": "nvidia.com/gpu"},
                      {"name": "cpu", "weight": 0}],
        "requestedToCapacityRatio": {"shape": [{"utilization": 0, "score": 10}, {"utilization": 100}]}}})"));
  ASSERT_TRUE(args.ok()) << args.status();
  EXPECT_EQ(args->ignored_resources, (std::vector<std::string>{"example.com/foo"}));
  EXPECT_EQ(args->ignored_resource_groups, (std::vector<std::string>{"ignored.example"}));
  EXPECT_EQ(args->strategy.type, kRequestedToCapacityRatio);
  EXPECT_EQ(Text(args->strategy.resources), "cpu=100 nvidia.com/gpu=1 cpu=1 ");
  ASSERT_EQ(args->strategy.shape.size(), 2u);
  EXPECT_EQ(args->strategy.shape[0].score, 10);
  EXPECT_EQ(args->strategy.shape[1].utilization, 100);
  EXPECT_EQ(args->strategy.shape[1].score, 0);
  EXPECT_EQ(
      DecodeNodeResourcesFitArgs(json::parse(R"({"scoringStrategy": {"type": "MostAllocated"}})"))
          ->strategy.type,
      kMostAllocated);
}

struct Row {
  std::string name;
  std::string args;
  std::string expected;
};

class BadNodeResourcesFitArgs : public testing::TestWithParam<Row> {};

TEST_P(BadNodeResourcesFitArgs, AreRefusedByPath) {
  const absl::Status status = DecodeNodeResourcesFitArgs(json::parse(GetParam().args)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadNodeResourcesFitArgs,
    testing::ValuesIn(std::vector<Row>{
        {"IgnoredResource", R"({"ignoredResources": ["a/b", "a/b/c"]})",
         "NodeResourcesFitArgs.ignoredResources[1]: want a resource's name, got \"a/b/c\""},
        {"IgnoredGroup", R"({"ignoredResourceGroups": ["example.com/a"]})",
         "NodeResourcesFitArgs.ignoredResourceGroups[0]: want what stands before the slash of a "
         "resource's name, got \"example.com/a\""},
        {"NoType", R"({"scoringStrategy": {}})",
         "NodeResourcesFitArgs.scoringStrategy.type: want LeastAllocated or MostAllocated or "
         "RequestedToCapacityRatio, got \"\""},
        {"OtherType", R"({"scoringStrategy": {"type": "Balanced"}})",
         "NodeResourcesFitArgs.scoringStrategy.type: want LeastAllocated or MostAllocated or "
         "RequestedToCapacityRatio, got \"Balanced\""},
        {"Weights", R"({"scoringStrategy": {"type": "MostAllocated", "resources":
            [{"name": "cpu", "weight": -1}, {"name": "memory", "weight": 101}]}})",
         "NodeResourcesFitArgs.scoringStrategy.resources[0].weight: want 1 to 100, got -1\n"
         "NodeResourcesFitArgs.scoringStrategy.resources[1].weight: want 1 to 100, got 101"},
        {"NoShape", R"({"scoringStrategy": {"type": "RequestedToCapacityRatio"}})",
         "NodeResourcesFitArgs.scoringStrategy.requestedToCapacityRatio: must be there when type "
         "is "
         "RequestedToCapacityRatio"},
        {"ShapeOfAnotherType",
         R"({"scoringStrategy": {"type": "LeastAllocated", "requestedToCapacityRatio":
             {"shape": [{"utilization": 0, "score": 0}]}}})",
         "NodeResourcesFitArgs.scoringStrategy.requestedToCapacityRatio: must be absent unless "
         "type "
         "is RequestedToCapacityRatio"},
        {"NoPoints", R"({"scoringStrategy": {"type": "RequestedToCapacityRatio",
            "requestedToCapacityRatio": {}}})",
         "NodeResourcesFitArgs.scoringStrategy.requestedToCapacityRatio.shape: want at least one "
         "point"},
        {"Points", R"({"scoringStrategy": {"type": "RequestedToCapacityRatio",
            "requestedToCapacityRatio": {"shape": [{"utilization": 50, "score": 11},
              {"utilization": 50, "score": 0}, {"utilization": 101, "score": -1}]}}})",
         "NodeResourcesFitArgs.scoringStrategy.requestedToCapacityRatio.shape[0].score: want 0 to "
         "10, got 11\n"
         "NodeResourcesFitArgs.scoringStrategy.requestedToCapacityRatio.shape[1].utilization: must "
         "be greater than that of the point before\n"
         "NodeResourcesFitArgs.scoringStrategy.requestedToCapacityRatio.shape[2].utilization: want "
         "0 to 100, got 101\n"
         "NodeResourcesFitArgs.scoringStrategy.requestedToCapacityRatio.shape[2].score: want 0 to "
         "10, got -1"},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace node_resources_fit_args_test
}  // namespace heat_scheduler
