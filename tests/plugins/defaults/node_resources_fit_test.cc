#include "plugins/defaults/node_resources_fit.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace node_resources_fit_test {

// ---- Filter ----

struct FilterRow {
  std::string name;
  kube::Pod pod;
  std::string expected;
};

class NodeResourcesFitFilter : public testing::TestWithParam<FilterRow> {};

// 1 of 4 cpus, 2 of 8 GiB, 1 of 10 GiB of storage, 1 of 2 GPUs and 64 of 128 MiB of huge pages are
// taken.
TEST_P(NodeResourcesFitFilter, Answers) {
  const kube::Node node = MakeNode("n")
                              .Cpu("4")
                              .Memory("8Gi")
                              .Resource("ephemeral-storage", "10Gi")
                              .Resource("example.com/gpu", "2")
                              .Resource("hugepages-2Mi", "128Mi");
  const kube::Pod other = MakePod("other")
                              .Node("n")
                              .Cpu("1")
                              .Memory("2Gi")
                              .Request("ephemeral-storage", "1Gi")
                              .Request("example.com/gpu", "1")
                              .Request("hugepages-2Mi", "64Mi");
  EXPECT_EQ(FilterOne(NodeResourcesFit(), GetParam().pod, node, {other}), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NodeResourcesFitFilter,
    testing::ValuesIn(std::vector<FilterRow>{
        {"RequestsNothing", MakePod("p"), "ok"},
        {"FitsExactly",
         MakePod("p")
             .Cpu("3")
             .Memory("6Gi")
             .Request("ephemeral-storage", "9Gi")
             .Request("example.com/gpu", "1")
             .Request("hugepages-2Mi", "64Mi"),
         "ok"},
        {"CpuByOneMilli", MakePod("p").Cpu("3001m"), "Unschedulable: Insufficient cpu"},
        {"MemoryByOneByte", MakePod("p").Memory("6442450945"),
         "Unschedulable: Insufficient memory"},
        {"EphemeralStorage", MakePod("p").Request("ephemeral-storage", "10Gi"),
         "Unschedulable: Insufficient ephemeral-storage"},
        {"ExtendedResource", MakePod("p").Request("example.com/gpu", "2"),
         "Unschedulable: Insufficient example.com/gpu"},
        {"HugePages", MakePod("p").Request("hugepages-2Mi", "128Mi"),
         "Unschedulable: Insufficient hugepages-2Mi"},
        {"WholeNodeIsJustResolvable", MakePod("p").Cpu("4"), "Unschedulable: Insufficient cpu"},
        {"MoreThanTheNode", MakePod("p").Cpu("4001m"),
         "UnschedulableAndUnresolvable: Insufficient cpu"},
        {"ResourceThatTheNodeLacks", MakePod("p").Request("example.com/fpga", "1"),
         "UnschedulableAndUnresolvable: Insufficient example.com/fpga"},
        {"ZeroOfWhatTheNodeLacks", MakePod("p").Request("example.com/fpga", "0"), "ok"},
        {"AllShortagesInOrder",
         MakePod("p")
             .Request("hugepages-2Mi", "128Mi")
             .Request("example.com/gpu", "2")
             .Request("ephemeral-storage", "10Gi")
             .Memory("8Gi")
             .Cpu("4"),
         "Unschedulable: Insufficient cpu, Insufficient memory, Insufficient ephemeral-storage, "
         "Insufficient example.com/gpu, Insufficient hugepages-2Mi"},
        {"OneUnresolvableMakesAllSo", MakePod("p").Cpu("100").Memory("8Gi"),
         "UnschedulableAndUnresolvable: Insufficient cpu, Insufficient memory"},
        {"UnresolvableOnlyInTheLast", MakePod("p").Cpu("4").Memory("9Gi"),
         "UnschedulableAndUnresolvable: Insufficient cpu, Insufficient memory"},
        {"InitContainerCounts", MakePod("p").Cpu("1").InitContainer({{"cpu", Q("3500m")}}),
         "Unschedulable: Insufficient cpu"},
        {"OverheadCounts", MakePod("p").Cpu("3").Overhead({{"cpu", Q("1m")}}),
         "Unschedulable: Insufficient cpu"},
        {"AsMuchAsCanBeSaid", MakePod("p").Memory("9223372036854775807"),
         "UnschedulableAndUnresolvable: Insufficient memory"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(NodeResourcesFit, CountsPods) {
  const NodeResourcesFit plugin;
  const std::vector<kube::Pod> others = {MakePod("a").Node("n"), MakePod("b").Node("n")};
  EXPECT_EQ(FilterOne(plugin, MakePod("p"), MakeNode("n").Pods(3), others), "ok");
  EXPECT_EQ(FilterOne(plugin, MakePod("p"), MakeNode("n").Pods(2), others),
            "Unschedulable: Too many pods");
  EXPECT_EQ(FilterOne(plugin, MakePod("p").Cpu("1"), MakeNode("n").Pods(0), {}),
            "UnschedulableAndUnresolvable: Too many pods, Insufficient cpu");
}

TEST(NodeResourcesFit, RefusesWhereMoreIsTakenThanThereIs) {
  const kube::Node node = MakeNode("n").Cpu("1").Memory("1Gi");
  const kube::Pod other = MakePod("other").Node("n").Cpu("5").Memory("9223372036854775807");
  EXPECT_EQ(FilterOne(NodeResourcesFit(), MakePod("p"), node, {other}), "ok");
  EXPECT_EQ(FilterOne(NodeResourcesFit(), MakePod("p").Cpu("1m").Memory("1"), node, {other}),
            "Unschedulable: Insufficient cpu, Insufficient memory");
}

// More scalar resources than bits in a verdict.
TEST(NodeResourcesFit, ReportsEveryOneOfVeryManyResources) {
  PodBuilder pod = MakePod("p").Cpu("2");
  NodeBuilder roomy = MakeNode("roomy").Cpu("2");
  NodeBuilder cramped = MakeNode("cramped").Cpu("1");
  std::string expected = "UnschedulableAndUnresolvable: Insufficient cpu";
  for (int i = 100; i < 200; ++i) {
    const std::string resource = "example.com/r" + std::to_string(i);
    pod.Request(resource, "1");
    roomy.Resource(resource, "1");
    expected += ", Insufficient " + resource;
  }
  const auto cluster = MakeCluster({roomy, cramped});
  const NodeResourcesFit plugin;
  const auto answers = Asking(*cluster, pod, plugin).Filter();
  EXPECT_EQ(answers.at("roomy"), "ok");
  EXPECT_EQ(answers.at("cramped"), expected);
}

TEST(NodeResourcesFit, KeepsTheVerdictsOfVeryManyResourcesApart) {
  PodBuilder pod = MakePod("p");
  NodeBuilder a = MakeNode("a"), b = MakeNode("b");
  for (int i = 100; i < 170; ++i) {
    const std::string resource = "example.com/r" + std::to_string(i);
    pod.Request(resource, "1");
    if (i != 165) a.Resource(resource, "1");
    if (i != 166) b.Resource(resource, "1");
  }
  const auto cluster = MakeCluster({a, b});
  const NodeResourcesFit plugin;
  const auto answers = Asking(*cluster, pod, plugin).Filter();
  EXPECT_EQ(answers.at("a"), "UnschedulableAndUnresolvable: Insufficient example.com/r165");
  EXPECT_EQ(answers.at("b"), "UnschedulableAndUnresolvable: Insufficient example.com/r166");
}

// ---- Score ----

struct ScoreRow {
  std::string name;
  kube::Pod pod;
  kube::Node node;
  std::vector<kube::Pod> others;
  std::int64_t expected;
};

class NodeResourcesFitScore : public testing::TestWithParam<ScoreRow> {};

TEST_P(NodeResourcesFitScore, Scores) {
  const auto cluster = MakeCluster({GetParam().node}, GetParam().others);
  const NodeResourcesFit plugin;
  EXPECT_EQ(Asking(*cluster, GetParam().pod, plugin).Score().at("n"), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NodeResourcesFitScore,
    testing::ValuesIn(std::vector<ScoreRow>{
        // (4000 - 100) * 100 / 4000 = 97, (16 GiB - 200 MiB) * 100 / 16 GiB = 98.
        {"DefaultRequests", MakePod("p"), MakeNode("n").Cpu("4").Memory("16Gi"), {}, 97},
        // 75 and 50.
        {"Requests",
         MakePod("p").Cpu("1").Memory("4Gi"),
         MakeNode("n").Cpu("4").Memory("8Gi"),
         {},
         62},
        // (4000 - 1000 - 500) * 100 / 4000 = 62, (8 - 4 - 2) * 100 / 8 = 25.
        {"WithWhatIsThere",
         MakePod("p").Cpu("1").Memory("4Gi"),
         MakeNode("n").Cpu("4").Memory("8Gi"),
         {MakePod("a").Node("n").Cpu("500m").Memory("2Gi")},
         43},
        {"OthersCountWithDefaultsToo",
         MakePod("p").Cpu("1").Memory("1Gi"),
         MakeNode("n").Cpu("2").Memory("2Gi"),
         {MakePod("a").Node("n")},
         // 45 and 40.
         42},
        {"MoreThanThereIsIsZero",
         MakePod("p").Cpu("5").Memory("1Gi"),
         MakeNode("n").Cpu("4").Memory("2Gi"),
         {},
         25},
        {"FullIsZero",
         MakePod("p").Cpu("4").Memory("2Gi"),
         MakeNode("n").Cpu("4").Memory("2Gi"),
         {},
         0},
        // 83 and 95, as for its container alone: 2.5 cpus for the whole pod do not count.
        {"PodLevelRequestsOfThePodItself",
         MakePod("p").Cpu("500m").PodLevelRequests({{"cpu", Q("2500m")}}),
         MakeNode("n").Cpu("3").Memory("4Gi"),
         {},
         89},
        // 16 and 95: (3000 - 2000 - 500) * 100 / 3000.
        {"PodLevelRequestsOfOthers",
         MakePod("p").Cpu("500m").Memory("100Mi"),
         MakeNode("n").Cpu("3").Memory("4Gi"),
         {MakePod("a").Node("n").Memory("100Mi").PodLevelRequests({{"cpu", Q("2")}})},
         55},
        {"NodeWithoutMemory", MakePod("p").Cpu("1"), MakeNode("n").Cpu("4"), {}, 75},
        {"NodeWithNothing", MakePod("p"), MakeNode("n"), {}, 0},
    }),
    [](const auto& row) { return row.param.name; });

// ---- Arguments ----

TEST(NodeResourcesFitArgs, LeaveExtendedResourcesToOthers) {
  const NodeResourcesFit plugin({.ignored_resources = {"example.com/foo", "hugepages-2Mi"},
                                 .ignored_resource_groups = {"ignored.example"}});
  const kube::Node node = MakeNode("n").Cpu("1");
  EXPECT_EQ(FilterOne(plugin, MakePod("p").Request("example.com/foo", "1"), node), "ok");
  EXPECT_EQ(FilterOne(plugin, MakePod("p").Request("ignored.example/a", "1"), node), "ok");
  EXPECT_EQ(FilterOne(plugin, MakePod("p").Request("example.com/bar", "1"), node),
            "UnschedulableAndUnresolvable: Insufficient example.com/bar");
  // What is Kubernetes' own is never left out.
  EXPECT_EQ(FilterOne(plugin, MakePod("p").Request("hugepages-2Mi", "2Mi"), node),
            "UnschedulableAndUnresolvable: Insufficient hugepages-2Mi");
  EXPECT_EQ(FilterOne(plugin,
                      MakePod("p")
                          .Cpu("2")
                          .Request("example.com/foo", "1")
                          .Request("example.com/zed", "1")
                          .Request("ignored.example/b", "1"),
                      node),
            "UnschedulableAndUnresolvable: Insufficient cpu, Insufficient example.com/zed");
}

std::int64_t ScoreWith(ScoringStrategy strategy, const kube::Pod& pod, const kube::Node& node,
                       const std::vector<kube::Pod>& others = {}) {
  const auto cluster = MakeCluster({node}, others);
  const NodeResourcesFit plugin({.strategy = std::move(strategy)});
  return Asking(*cluster, pod, plugin).Scored().value().at("n");
}

TEST(NodeResourcesFitArgs, WeighResources) {
  const kube::Node node = MakeNode("n")
                              .Cpu("4")
                              .Memory("8Gi")
                              .Resource("ephemeral-storage", "10Gi")
                              .Resource("example.com/gpu", "8");
  const std::vector<kube::Pod> others = {
      MakePod("a").Node("n").Cpu("1").Memory("2Gi").Request("example.com/gpu", "2")};
  const std::vector<ScoredResource> resources = {
      {"cpu", 2}, {"memory", 3}, {"ephemeral-storage", 1}, {"example.com/gpu", 4}};
  const kube::Pod pod = MakePod("p").Cpu("1").Memory("2Gi").Request("example.com/gpu", "4");
  const ScoringStrategy least = {.resources = resources};
  const ScoringStrategy most = {.type = ScoringStrategyType::kMostAllocated,
                                .resources = resources};
  // Left: 50, 50, 100, 25: (100 + 150 + 100 + 100) / 10.
  EXPECT_EQ(ScoreWith(least, pod, node, others), 45);
  EXPECT_EQ(ScoreWith(most, pod, node, others), 55);
  // A pod that asks for no gpu is not scored by it: (100 + 150 + 100) / 6.
  EXPECT_EQ(ScoreWith(least, MakePod("p").Cpu("1").Memory("2Gi"), node, others), 58);
  // Nor by a resource that the node does not have: (100 + 150) / 5.
  EXPECT_EQ(ScoreWith(least, pod, MakeNode("n").Cpu("4").Memory("8Gi"), others), 50);
  // Nor by what is no resource of nodes.
  EXPECT_EQ(
      ScoreWith({.resources = {{"pods", 1}, {"cpu", 1}, {"unheard.of/x", 9}}}, pod, node, others),
      50);
}

// Requests of the pod as a whole do not count; those of its container do.
TEST(NodeResourcesFitArgs, ScoreHugePagesOfContainersAlone) {
  const kube::Node node = MakeNode("n").Cpu("4").Memory("8Gi").Resource("hugepages-2Mi", "20Mi");
  const kube::Pod pod =
      MakePod("p").Request("hugepages-2Mi", "4Mi").PodLevelRequests({{"hugepages-2Mi", Q("10Mi")}});
  EXPECT_EQ(ScoreWith({.resources = {{"hugepages-2Mi", 1}}}, pod, node), 80);
}

}  // namespace node_resources_fit_test
}  // namespace heat_scheduler
