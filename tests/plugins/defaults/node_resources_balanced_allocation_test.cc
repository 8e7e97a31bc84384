#include "plugins/defaults/node_resources_balanced_allocation.h"

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace node_resources_balanced_allocation_test {

using nlohmann::json;

struct Row {
  std::string name;
  std::vector<ResourceUse> uses;
  std::int64_t expected;
};

class BalancedAllocationScoreTest : public testing::TestWithParam<Row> {};

TEST_P(BalancedAllocationScoreTest, ComparesTheBalanceWithThatBefore) {
  EXPECT_EQ(BalancedAllocationScore(GetParam().uses), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BalancedAllocationScoreTest,
    testing::Values(
        Row{"Nothing", {}, 75}, Row{"OneResource", {{0, 3, 4}}, 75},
        Row{"StaysBalanced", {{0, 2, 4}, {0, 4, 8}}, 75},
        // |0.3 - 0.5| / 2 = 0.1: 90 after 100 before.
        Row{"GetsWorse", {{0, 3, 10}, {0, 5, 10}}, 70},
        // |0.6 - 0.25| / 2 = 0.175: 82 after; |0.6 - 0| / 2 = 0.3: 70 before.
        Row{"GetsBetter", {{6, 6, 10}, {0, 5, 20}}, 81},
        // Shares end at 1: 100 after, |1 - 0| / 2 before.
        Row{"BeyondTheNode", {{11, 12, 10}, {0, 12, 10}}, 100},
        Row{"FromBalanceToTheOpposite", {{0, 10, 10}, {0, 0, 10}}, 50},
        // Shares 0.2, 0.4, 0.9: mean 0.5, deviation sqrt((0.09 + 0.01 + 0.16) / 3) = 0.294.
        Row{"ThreeResources", {{0, 2, 10}, {0, 4, 10}, {0, 9, 10}}, 60}),
    [](const auto& row) { return row.param.name; });

std::optional<std::int64_t> ScoreOn(const kube::Node& node, const kube::Pod& pod,
                                    std::vector<ScoredResource> resources,
                                    const std::vector<kube::Pod>& others = {}) {
  const auto cluster = MakeCluster({node}, others);
  const NodeResourcesBalancedAllocation plugin(std::move(resources));
  const auto scores = Asking(*cluster, pod, plugin).Scored();
  if (!scores) return std::nullopt;
  return scores->at(node.metadata.name);
}

// 0.3 and 0.5 after, as above, whatever a container without a request counts with elsewhere.
TEST(BalancedAllocation, CountsRealRequests) {
  const kube::Node node = MakeNode("n").Cpu("10").Memory("10Gi");
  const std::vector<kube::Pod> idle = {MakePod("a").Node("n"), MakePod("b").Node("n")};
  const kube::Pod pod = MakePod("p").Cpu("3").Memory("5Gi");
  EXPECT_EQ(ScoreOn(node, pod, DefaultScoredResources(), idle), 70);
  // |0.3 - 0| / 2: 85.
  EXPECT_EQ(ScoreOn(node, MakePod("p").Cpu("3"), DefaultScoredResources(), idle), 67);
  const kube::Pod other = MakePod("a").Node("n").Cpu("3");
  EXPECT_EQ(ScoreOn(node, MakePod("p").Memory("3Gi"), DefaultScoredResources(), {other}), 82);
}

TEST(BalancedAllocation, LeavesOutPodsThatRequestNoneOfTheResources) {
  const kube::Node node = MakeNode("n").Cpu("10").Memory("10Gi").Resource("example.com/gpu", "4");
  EXPECT_EQ(ScoreOn(node, MakePod("p"), DefaultScoredResources()), std::nullopt);
  const kube::Pod gpu = MakePod("p").Request("example.com/gpu", "1");
  EXPECT_EQ(ScoreOn(node, gpu, DefaultScoredResources()), std::nullopt);
  EXPECT_EQ(ScoreOn(node, gpu, {{"cpu"}, {"example.com/gpu"}}), 68);  // 87 after 100.
  EXPECT_EQ(ScoreOn(node, MakePod("p").Overhead({{"cpu", Q("1")}}), DefaultScoredResources()), 72);
}

TEST(BalancedAllocation, CountsAnExtendedResourceForPodsThatRequestItAlone) {
  const kube::Node node = MakeNode("n").Cpu("10").Memory("10Gi").Resource("example.com/gpu", "10");
  const std::vector<ScoredResource> resources = {{"cpu"}, {"memory"}, {"example.com/gpu"}};
  EXPECT_EQ(ScoreOn(node, MakePod("p").Cpu("3").Memory("5Gi"), resources), 70);
  EXPECT_EQ(
      ScoreOn(node, MakePod("p").Cpu("2").Memory("4Gi").Request("example.com/gpu", "9"), resources),
      60);
  // A node without it is balanced by the others alone.
  EXPECT_EQ(ScoreOn(MakeNode("n").Cpu("10").Memory("10Gi"),
                    MakePod("p").Cpu("3").Memory("5Gi").Request("example.com/gpu", "9"), resources),
            70);
}

TEST(DecodeBalancedAllocationArgs, ReadsResources) {
  const auto names = [](const json& args) {
    const auto resources = *DecodeBalancedAllocationArgs(args);
    std::vector<std::string> read;
    for (const ScoredResource& resource : resources) read.push_back(resource.name);
    return read;
  };
  const std::vector<std::string> defaults = {"cpu", "memory"};
  EXPECT_EQ(names(nullptr), defaults);
  EXPECT_EQ(names(json::parse(R"({"resources": []})")), defaults);
  EXPECT_EQ(names(json::parse(R"({"resources": [{"name": "cpu"}, {"name": "a/b", "weight": 1}]})")),
            (std::vector<std::string>{"cpu", "a/b"}));
}

TEST(DecodeBalancedAllocationArgs, RefusesWeightsAndRepetitions) {
  const absl::Status status =
      DecodeBalancedAllocationArgs(json::parse(R"({"resources": [{"name": "cpu"},
          {"name": "memory", "weight": 2}, {"name": "cpu", "weight": 1}]})"))
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      status.message(),
      "NodeResourcesBalancedAllocationArgs.resources[1].weight: want 1, got 2\n"
      "NodeResourcesBalancedAllocationArgs.resources[2].name: \"cpu\" is in the list already");
}

}  // namespace node_resources_balanced_allocation_test
}  // namespace heat_scheduler
