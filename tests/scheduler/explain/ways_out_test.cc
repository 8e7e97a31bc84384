// The nearest way out of a pod that fits nowhere, with kube-scheduler's own plugins.
#include "scheduler/explain/ways_out.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "policy/profile_config.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace ways_out_test {

using enum kube::SelectorOperator;
using kube::TaintEffect;

struct Row {
  std::string name;
  std::vector<kube::Node> nodes;
  std::vector<kube::Pod> others;
  kube::Pod pod;
  std::vector<std::string> ways;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

kube::PodAffinityTerm AppOver(const std::string& app, const std::string& key) {
  kube::PodAffinityTerm term;
  term.label_selector.emplace().match_labels["app"] = app;
  term.topology_key = key;
  return term;
}

kube::TopologySpreadConstraint SpreadOver(const std::string& key) {
  kube::TopologySpreadConstraint constraint;
  constraint.topology_key = key;
  constraint.label_selector.emplace().match_labels["app"] = "web";
  return constraint;
}

NodeBuilder Room(std::string_view name) { return MakeNode(name).Cpu("4").Memory("4Gi"); }

std::vector<Row> Rows() {
  const kube::NodeSelectorTerm on_ssd{{Require("disk", kIn, {"ssd"})}, {}};
  return {
      {"LeastCpu",
       {Room("a"), Room("b"), Room("c")},
       {MakePod("x").Cpu("3").Node("a"), MakePod("y").Cpu("2").Node("b"),
        MakePod("z").Cpu("2").Node("c")},
       MakePod("p").Cpu("2500m"),
       {"500m less cpu would fit on 2 nodes"}},
      {"LeastMemoryInBytes",
       {Room("a")},
       {MakePod("x").Memory("3Gi").Node("a")},
       MakePod("p").Memory("1610612737"),
       {"536870913 less memory would fit on 1 node"}},
      {"Devices",
       {Room("a").Resource("example.com/gpu", "2")},
       {},
       MakePod("p").Request("example.com/gpu", "5"),
       {"3 less example.com/gpu would fit on 1 node"}},
      {"CpuAndMemoryTogether",
       {Room("a"), Room("b")},
       {MakePod("x").Cpu("4").Memory("4Gi").Node("b")},
       MakePod("p").Cpu("5").Memory("6Gi"),
       {"1 less cpu and 2Gi less memory would fit on 1 node"}},
      // The weaker pod that is nominated there leaves its room.
      {"RoomForTheNominated",
       {Room("a")},
       {MakePod("n").Cpu("1").Priority(5).Nominated("a"),
        MakePod("weak").Cpu("2").Priority(-1).Nominated("a")},
       MakePod("p").Cpu("4"),
       {"1 less cpu would fit on 1 node"}},
      {"Tolerations",
       {Room("a").Taint("k", "v"),
        Room("b").Taint("k", "v").Taint("gone", "", TaintEffect::kNoExecute),
        Room("c").Unschedulable(),
        Room("d").Taint("soft", "", TaintEffect::kPreferNoSchedule).Taint("k", "v")},
       {},
       MakePod("p"),
       {"tolerating k=v:NoSchedule opens 2 nodes",
        "tolerating gone:NoExecute and k=v:NoSchedule opens 3 nodes",
        "tolerating node.kubernetes.io/unschedulable:NoSchedule opens 1 node"}},
      {"NodeSelector",
       {Room("a").Label("disk", "hdd").Label("zone", "z"), Room("b").Label("disk", "hdd")},
       {},
       MakePod("p").NodeSelector("disk", "ssd").NodeSelector("zone", "z"),
       {"removing the node selector disk=ssd opens 1 node"}},
      {"NodeAffinity",
       {Room("a")},
       {},
       MakePod("p").RequiredNodeTerm(on_ssd),
       {"removing the required node affinity opens 1 node"}},
      {"NodeAffinityByName",
       {Room("a"), Room("b")},
       {},
       MakePod("p").RequiredNodeTerm({{}, {Require("metadata.name", kIn, {"c"})}}),
       {"removing the required node affinity opens 2 nodes"}},
      {"PodAffinity",
       {Room("a"), Room("b")},
       {},
       MakePod("p").RequiredPodAffinity(AppOver("db", "kubernetes.io/hostname")),
       {"removing the required pod affinity over kubernetes.io/hostname opens 2 nodes"}},
      {"PodAntiAffinity",
       {Room("a").Label("zone", "z")},
       {MakePod("x").Label("app", "web").Node("a")},
       MakePod("p")
           .RequiredPodAntiAffinity(AppOver("web", "zone"))
           .RequiredPodAntiAffinity(AppOver("db", "zone")),
       {"removing the required pod anti-affinity over zone (term 1) opens 1 node"}},
      {"TopologySpread",
       {Room("a").Label("zone", "z"), MakeNode("b").Cpu("0").Label("zone", "y")},
       {MakePod("x").Label("app", "web").Node("a")},
       MakePod("p").Label("app", "web").Cpu("1").Spread(SpreadOver("zone")),
       {"1 less cpu would fit on 1 node",
        "removing the topology spread constraint over zone (maxSkew 1) opens 1 node"}},
      {"HostPort",
       {Room("a")},
       {MakePod("x").Port(80).Node("a")},
       MakePod("p").Port(80).Port(443),
       {"not taking host port 80/TCP opens 1 node"}},
      {"Claim",
       {Room("a")},
       {},
       MakePod("p").Claim("data"),
       {"doing without the persistentvolumeclaim data opens 1 node"}},
      // Only where one does not help are two relaxed.
      {"TwoTogether",
       {Room("a").Taint("k", "v").Label("disk", "hdd")},
       {},
       MakePod("p").NodeSelector("disk", "ssd"),
       {"tolerating k=v:NoSchedule and removing the node selector disk=ssd opens 1 node"}},
      {"AmountAndToleration",
       {Room("a").Taint("k", "v")},
       {},
       MakePod("p").Cpu("5"),
       {"1 less cpu and tolerating k=v:NoSchedule opens 1 node"}},
      {"ForeignAntiAffinityStays",
       {Room("a")},
       {MakePod("x").RequiredPodAntiAffinity(AppOver("web", "kubernetes.io/hostname")).Node("a")},
       MakePod("p").Label("app", "web").Cpu("1"),
       {}},
      {"NoNodes", {}, {}, MakePod("p").Cpu("1"), {}},
  };
}

class WaysOutOf : public testing::TestWithParam<Row> {};

TEST_P(WaysOutOf, ThePod) {
  const Row& row = GetParam();
  ClusterState cluster;
  for (const kube::Node& node : row.nodes) {
    cluster.UpsertNode(std::make_shared<const kube::Node>(node));
  }
  for (const kube::Pod& other : row.others) {
    cluster.UpsertPod(std::make_shared<const kube::Pod>(other));
  }
  const PodRecord& pod = cluster.UpsertPod(std::make_shared<const kube::Pod>(row.pod));
  const Profile profile = *ProfileFromJson(nullptr);
  CycleState state;
  const WaysOut found =
      FindWaysOut(profile, {cluster, pod, state, {absl::UnixEpoch(), absl::ZeroDuration()}});
  std::vector<std::string> texts;
  for (const WayOut& way : found.ways) texts.push_back(way.text);
  EXPECT_EQ(texts, row.ways);
  EXPECT_TRUE(found.complete);
}

INSTANTIATE_TEST_SUITE_P(Pods, WaysOutOf, testing::ValuesIn(Rows()),
                         [](const testing::TestParamInfo<Row>& row) { return row.param.name; });

TEST(WaysOut, SayWhatWouldChangeAndWhere) {
  ClusterState cluster;
  cluster.UpsertNode(Room("a").Ref());
  const PodRecord& pod = cluster.UpsertPod(MakePod("p").Cpu("5").Ref());
  const Profile profile = *ProfileFromJson(nullptr);
  CycleState state;
  const WaysOut found =
      FindWaysOut(profile, {cluster, pod, state, {absl::UnixEpoch(), absl::ZeroDuration()}});
  ASSERT_EQ(found.ways.size(), 1u);
  EXPECT_EQ(found.ways[0].nodes, std::vector<std::string>{"a"});
  ASSERT_EQ(found.ways[0].changes.size(), 1u);
  EXPECT_EQ(found.ways[0].changes[0].dump(),
            R"({"kind":"lessRequested","resource":"cpu","amount":"1"})");
}

TEST(WaysOut, AreLookedForSoLongAndNoLonger) {
  ClusterState cluster;
  cluster.UpsertNode(Room("a").Taint("k", "v").Unschedulable().Ref());
  PodBuilder builder = MakePod("p");
  for (int i = 0; i < 30; ++i) builder.NodeSelector("key" + std::to_string(i), "v");
  const PodRecord& pod = cluster.UpsertPod(builder.Ref());
  const Profile profile = *ProfileFromJson(nullptr);
  CycleState state;
  const WaysOut found =
      FindWaysOut(profile, {cluster, pod, state, {absl::UnixEpoch(), absl::ZeroDuration()}});
  EXPECT_TRUE(found.ways.empty());
  EXPECT_FALSE(found.complete);
}

}  // namespace ways_out_test
}  // namespace heat_scheduler
