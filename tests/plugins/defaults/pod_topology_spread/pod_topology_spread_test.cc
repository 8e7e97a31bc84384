#include "plugins/defaults/pod_topology_spread/pod_topology_spread.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace pod_topology_spread_test {

using enum kube::SelectorOperator;
using kube::TopologySpreadConstraint;
using Pods = std::vector<kube::Pod>;

constexpr char kSkew[] = "Unschedulable: node(s) didn't match pod topology spread constraints";
constexpr char kLabel[] =
    "UnschedulableAndUnresolvable: node(s) didn't match pod topology spread constraints (missing "
    "required label)";
constexpr char kZone[] = "topology.kubernetes.io/zone";
constexpr char kHost[] = "kubernetes.io/hostname";

// A constraint on pods with label app=web, to be changed by the methods.
struct Constraint : TopologySpreadConstraint {
  Constraint(std::int32_t skew, const std::string& key) {
    max_skew = skew;
    topology_key = key;
    label_selector.emplace().match_labels = {{"app", "web"}};
  }
  Constraint Soft() && {
    schedule_anyway = true;
    return *this;
  }
  Constraint MinDomains(std::int32_t count) && {
    min_domains = count;
    return *this;
  }
  Constraint NodeAffinity(bool honor) && {
    honor_node_affinity = honor;
    return *this;
  }
  Constraint NodeTaints(bool honor) && {
    honor_node_taints = honor;
    return *this;
  }
  Constraint Selector(std::optional<kube::LabelSelector> selector) && {
    label_selector = std::move(selector);
    return *this;
  }
  Constraint MatchLabelKeys(std::vector<std::string> keys) && {
    match_label_keys = std::move(keys);
    return *this;
  }
};

PodBuilder Web(const std::string& key = "p") { return MakePod(key).Label("app", "web"); }

// Returns that many pods with app=web on the node.
Pods WebsOn(const std::string& node, int count) {
  Pods pods;
  for (int i = 0; i < count; ++i) {
    pods.push_back(Web("on-" + node + "-" + std::to_string(i)).Node(node));
  }
  return pods;
}

Pods operator+(Pods pods, const Pods& more) {
  pods.insert(pods.end(), more.begin(), more.end());
  return pods;
}

// Two nodes in zone a, one in zone b, one tainted in zone c, and one in none.
std::unique_ptr<ClusterState> Cluster(const Pods& others) {
  return MakeCluster(
      {MakeNode("a1").Label(kZone, "a").Label("disk", "ssd"),
       MakeNode("a2").Label(kZone, "a").Label("disk", "hdd"),
       MakeNode("b1").Label(kZone, "b").Label("disk", "ssd"),
       MakeNode("c1").Label(kZone, "c").Label("disk", "hdd").Taint("dedicated"), MakeNode("none")},
      others);
}

PodTopologySpread Spread(const std::string& args = "null") {
  return PodTopologySpread(*DecodePodTopologySpreadArgs(nlohmann::json::parse(args)));
}

// ---- Filter ----

// What Filter says of a1, a2, b1, c1 and the node without zone.
using Answers = std::vector<std::string>;

struct FilterRow {
  std::string name;
  kube::Pod pod;
  Pods others;
  Answers expected;
};

class PodTopologySpreadFilter : public testing::TestWithParam<FilterRow> {};

TEST_P(PodTopologySpreadFilter, Answers) {
  const auto cluster = Cluster(GetParam().others);
  const PodTopologySpread plugin = Spread();
  Answers answers;
  for (const auto& [node, answer] : Asking(*cluster, GetParam().pod, plugin).Filter()) {
    answers.push_back(answer);
  }
  EXPECT_EQ(answers, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Skew, PodTopologySpreadFilter,
    testing::ValuesIn(std::vector<FilterRow>{
        {"NobodyThere", Web().Spread(Constraint(1, kZone)), {}, {"ok", "ok", "ok", "ok", kLabel}},
        {"OneInAZone",
         Web().Spread(Constraint(1, kZone)),
         WebsOn("a2", 1),
         {kSkew, kSkew, "ok", "ok", kLabel}},
        {"OneInEachZone",
         Web().Spread(Constraint(1, kZone)),
         WebsOn("a1", 1) + WebsOn("b1", 1) + WebsOn("c1", 1),
         {"ok", "ok", "ok", "ok", kLabel}},
        {"GreaterSkew",
         Web().Spread(Constraint(2, kZone)),
         WebsOn("a1", 1) + WebsOn("b1", 2),
         {"ok", "ok", kSkew, "ok", kLabel}},
        {"ByHost",
         Web().Spread(Constraint(1, kHost)),
         WebsOn("a1", 1) + WebsOn("none", 1),
         {kSkew, "ok", "ok", "ok", kSkew}},
        {"DoesNotMatchItself",
         MakePod("p").Spread(Constraint(1, kZone)),
         WebsOn("a1", 1) + WebsOn("b1", 2),
         {"ok", "ok", kSkew, "ok", kLabel}},
        {"EachConstraint",
         Web().Spread(Constraint(2, kZone)).Spread(Constraint(1, kHost)),
         WebsOn("a1", 1) + WebsOn("b1", 2),
         {kSkew, "ok", kSkew, "ok", kLabel}},
        {"EveryKeyIsWanted",
         Web().Spread(Constraint(1, kHost)).Spread(Constraint(1, "rack")),
         {},
         {kLabel, kLabel, kLabel, kLabel, kLabel}},
        {"NodesWithoutAKeyDoNotCount",
         Web().Spread(Constraint(1, kHost)).Spread(Constraint(9, kZone)),
         WebsOn("a1", 1) + WebsOn("a2", 1) + WebsOn("b1", 1) + WebsOn("c1", 1),
         {"ok", "ok", "ok", "ok", kLabel}},
        {"OtherPodsDoNotCount",
         Web().Spread(Constraint(1, kZone)),
         {MakePod("o").Label("app", "db").Node("a1"), Web("dev/q").Node("b1"),
          Web("r").Node("c1").Deleting(absl::UnixEpoch())},
         {"ok", "ok", "ok", "ok", kLabel}},
        {"SoftOnesKeepNobodyOff",
         Web().Spread(Constraint(1, kZone).Soft()),
         WebsOn("a1", 5),
         {"ok", "ok", "ok", "ok", "ok"}},
        {"SoftOnesAreNotAskedForTheirKey",
         Web().Spread(Constraint(1, "rack").Soft()).Spread(Constraint(1, kZone)),
         {},
         {"ok", "ok", "ok", "ok", kLabel}},
    }),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(MinDomains, PodTopologySpreadFilter,
                         testing::ValuesIn(std::vector<FilterRow>{
                             {"AreThere",
                              Web().Spread(Constraint(1, kZone).MinDomains(3)),
                              WebsOn("a1", 1) + WebsOn("b1", 1) + WebsOn("c1", 1),
                              {"ok", "ok", "ok", "ok", kLabel}},
                             {"AreNotThere",
                              Web().Spread(Constraint(1, kZone).MinDomains(4)),
                              WebsOn("a1", 1) + WebsOn("b1", 1) + WebsOn("c1", 1),
                              {kSkew, kSkew, kSkew, kSkew, kLabel}},
                             {"OneIsTheDefault",
                              Web().NodeSelector("disk", "none").Spread(Constraint(1, kZone)),
                              WebsOn("a1", 1),
                              {"ok", "ok", "ok", "ok", kLabel}},
                         }),
                         [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    NodePolicies, PodTopologySpreadFilter,
    testing::ValuesIn(std::vector<FilterRow>{
        // Zone c has no ssd, so that it is not what makes the least.
        {"HonorsNodeSelector",
         Web().NodeSelector("disk", "ssd").Spread(Constraint(1, kZone)),
         WebsOn("a1", 1) + WebsOn("b1", 1),
         {"ok", "ok", "ok", "ok", kLabel}},
        {"PodsOnNodesLeftOutDoNotCount",
         Web().NodeSelector("disk", "ssd").Spread(Constraint(1, kZone)),
         WebsOn("a2", 3),
         {"ok", "ok", "ok", "ok", kLabel}},
        {"HonorsNodeAffinity",
         Web()
             .RequiredNodeTerm({{}, {Require("metadata.name", kIn, {"a1"})}})
             .RequiredNodeTerm({{}, {Require("metadata.name", kIn, {"b1"})}})
             .Spread(Constraint(1, kZone)),
         WebsOn("a1", 1) + WebsOn("b1", 1),
         {"ok", "ok", "ok", "ok", kLabel}},
        {"IgnoresNodeAffinity",
         Web().NodeSelector("disk", "ssd").Spread(Constraint(1, kZone).NodeAffinity(false)),
         WebsOn("a1", 1) + WebsOn("b1", 1),
         {kSkew, kSkew, kSkew, "ok", kLabel}},
        {"IgnoresTaints",
         Web().Spread(Constraint(1, kZone)),
         WebsOn("a1", 1) + WebsOn("b1", 1),
         {kSkew, kSkew, kSkew, "ok", kLabel}},
        {"HonorsTaints",
         Web().Spread(Constraint(1, kZone).NodeTaints(true)),
         WebsOn("a1", 1) + WebsOn("b1", 1),
         {"ok", "ok", "ok", "ok", kLabel}},
        {"HonorsTaintsThatAreTolerated",
         Web().TolerateKey("dedicated").Spread(Constraint(1, kZone).NodeTaints(true)),
         WebsOn("a1", 1) + WebsOn("b1", 1),
         {kSkew, kSkew, kSkew, "ok", kLabel}},
        {"EachConstraintForItself",
         Web()
             .NodeSelector("disk", "ssd")
             .Spread(Constraint(1, kZone))
             .Spread(Constraint(1, kHost).NodeAffinity(false)),
         WebsOn("a1", 1) + WebsOn("b1", 1),
         {kSkew, "ok", kSkew, "ok", kLabel}},
    }),
    [](const auto& row) { return row.param.name; });

kube::LabelSelector HasApp() {
  kube::LabelSelector selector;
  selector.match_expressions = {Require("app", kExists)};
  return selector;
}

INSTANTIATE_TEST_SUITE_P(
    Selectors, PodTopologySpreadFilter,
    testing::ValuesIn(std::vector<FilterRow>{
        {"NoneMatchesNothing",
         Web().Spread(Constraint(1, kZone).Selector(std::nullopt)),
         WebsOn("a1", 3),
         {"ok", "ok", "ok", "ok", kLabel}},
        // As in kube-scheduler: everybody matches it, and nobody is counted.
        {"AnEmptyOneCountsNobody",
         Web().Spread(Constraint(1, kZone).Selector(kube::LabelSelector())),
         WebsOn("a1", 3),
         {"ok", "ok", "ok", "ok", kLabel}},
        {"MatchLabelKeysNarrowIt",
         Web()
             .Label("hash", "2")
             .Spread(Constraint(1, kZone).Selector(HasApp()).MatchLabelKeys({"hash"})),
         {Web("o").Label("hash", "1").Node("a1"), Web("q").Label("hash", "2").Node("b1")},
         {"ok", "ok", kSkew, "ok", kLabel}},
        {"MatchLabelKeysThatThePodLacks",
         Web().Spread(Constraint(1, kZone).MatchLabelKeys({"hash"})),
         {Web("o").Label("hash", "1").Node("a1")},
         {kSkew, kSkew, "ok", "ok", kLabel}},
        {"MatchLabelKeysOfAnEmptyOne",
         Web().Spread(Constraint(1, kZone).Selector(kube::LabelSelector()).MatchLabelKeys({"app"})),
         WebsOn("a1", 1),
         {kSkew, kSkew, "ok", "ok", kLabel}},
        {"MatchLabelKeysOfNone",
         Web().Spread(Constraint(1, kZone).Selector(std::nullopt).MatchLabelKeys({"app"})),
         WebsOn("a1", 1),
         {"ok", "ok", "ok", "ok", kLabel}},
    }),
    [](const auto& row) { return row.param.name; });

TEST(PodTopologySpread, IsSkippedWithoutConstraints) {
  const auto cluster = Cluster({});
  const PodTopologySpread plugin = Spread();
  EXPECT_EQ(Asking(*cluster, Web(), plugin).PreFilter(), "Skip");
  EXPECT_EQ(Asking(*cluster, Web().Spread(Constraint(1, kZone).Soft()), plugin).PreFilter(),
            "Skip");
  EXPECT_EQ(Asking(*cluster, Web().Spread(Constraint(1, kZone)), plugin).PreFilter(), "ok");
  EXPECT_EQ(Asking(*cluster, Web().Spread(Constraint(1, kZone)), plugin).Scored(), std::nullopt);
}

// Taking a pod off corrects the counts by its labels alone, as in kube-scheduler.
TEST(PodTopologySpread, TakesOffPodsThatItDidNotCount) {
  const auto cluster = Cluster(WebsOn("b1", 1) + WebsOn("c1", 1) +
                               Pods{Web("o").Node("a1").Deleting(absl::UnixEpoch())});
  const PodTopologySpread plugin = Spread();
  Asking asking(*cluster, Web().Spread(Constraint(2, kZone)), plugin);
  ASSERT_EQ(asking.PreFilter(), "ok");
  const NodeSpan nodes = cluster->nodes();
  EXPECT_EQ(asking.FilterNodes(nodes), (Answers{"ok", "ok", "ok", "ok", kLabel}));
  plugin.RemovePod(asking.cycle(), *cluster->FindPod("default-o-uid"), nodes[0]);
  EXPECT_EQ(asking.FilterNodes(nodes), (Answers{"ok", "ok", kSkew, kSkew, kLabel}));
}

// ---- Score ----

// Points of a1, b1, c1 and the node without zone; nothing if it was skipped.
using Points = std::optional<std::vector<std::int64_t>>;

struct ScoreRow {
  std::string name;
  kube::Pod pod;
  Pods others;
  Points expected;
  std::string args = "null";
};

template <typename T>
std::shared_ptr<const T> Owner(const std::string& key, const kube::StringMap& labels) {
  T owner;
  owner.metadata.namespace_ = key.substr(0, key.find('/'));
  owner.metadata.name = key.substr(key.find('/') + 1);
  owner.selector.emplace().match_labels = labels;
  return std::make_shared<const T>(owner);
}

class PodTopologySpreadScore : public testing::TestWithParam<ScoreRow> {};

TEST_P(PodTopologySpreadScore, GivesPoints) {
  const auto cluster = Cluster(GetParam().others);
  cluster->UpsertObject(Owner<kube::ReplicaSet>("default/web", {{"app", "web"}}));
  const PodTopologySpread plugin = Spread(GetParam().args);
  const auto scored = Asking(*cluster, GetParam().pod, plugin).Scored({"a1", "b1", "c1", "none"});
  Points points;
  if (scored) points = {scored->at("a1"), scored->at("b1"), scored->at("c1"), scored->at("none")};
  EXPECT_EQ(points, GetParam().expected);
}

constexpr char kListed[] = R"({"defaultingType": "List", "defaultConstraints": [
    {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone",
     "whenUnsatisfiable": "ScheduleAnyway"}]})";

INSTANTIATE_TEST_SUITE_P(
    Table, PodTopologySpreadScore,
    testing::ValuesIn(std::vector<ScoreRow>{
        {"NobodyThere", Web().Spread(Constraint(1, kZone).Soft()), {}, {{100, 100, 100, 0}}},
        // Three zones: ln 5 = 1.609. Zone a has 3 * 1.609 = 5, zone b 2.
        {"FewestIsBest",
         Web().Spread(Constraint(1, kZone).Soft()),
         WebsOn("a1", 2) + WebsOn("a2", 1) + WebsOn("b1", 1),
         {{0, 60, 100, 0}}},
        // 7 and 4 and 2, which leaves 100 * (7 + 2 - 4) / 7 for the second.
        {"SkewWatersItDown",
         Web().Spread(Constraint(3, kZone).Soft()),
         WebsOn("a1", 2) + WebsOn("a2", 1) + WebsOn("b1", 1),
         {{28, 71, 100, 0}}},
        // Four nodes: ln 6 = 1.792. Those of other nodes do not count.
        {"ByHost",
         Web().Spread(Constraint(1, kHost).Soft()),
         WebsOn("a1", 2) + WebsOn("a2", 5) + WebsOn("b1", 1),
         {{0, 50, 100, 100}}},
        {"SumOfConstraints",
         Web().Spread(Constraint(1, kZone).Soft()).Spread(Constraint(1, kHost).Soft()),
         WebsOn("a1", 2) + WebsOn("a2", 1) + WebsOn("b1", 1),
         {{0, 62, 100, 0}}},
        {"HardOnesDoNotCount",
         Web().Spread(Constraint(1, kZone)).Spread(Constraint(1, kHost).Soft()),
         WebsOn("a1", 1),
         {{0, 100, 100, 100}}},
        {"HonorsNodeSelector",
         Web().NodeSelector("disk", "ssd").Spread(Constraint(1, kZone).Soft()),
         WebsOn("a2", 3) + WebsOn("b1", 1),
         {{100, 0, 100, 0}}},
        {"HonorsTaints",
         Web().Spread(Constraint(1, kZone).NodeTaints(true).Soft()),
         WebsOn("a1", 1) + WebsOn("c1", 3),
         {{0, 100, 100, 0}}},
        {"SkippedWhereNothingSelectsIt", Web(), WebsOn("a1", 1), std::nullopt},
        // Spread over hosts and zones as far as there are labels; "no zone" is a zone: ln 6 for
        // both. a1: 2 + 4 and (1 + 1) * 1.792; the one without zone 2 alone.
        {"SystemDefaults", Web().Owner("ReplicaSet", "web"), WebsOn("a1", 1), {{20, 60, 60, 100}}},
        {"SystemDefaultsOfAnotherOwner", Web().Owner("ReplicaSet", "db"), WebsOn("a1", 1),
         std::nullopt},
        {"SystemDefaultsNotBesideItsOwn",
         Web().Owner("ReplicaSet", "web").Spread(Constraint(1, kZone)), WebsOn("a1", 1),
         std::nullopt},
        {"ListedDefaults",
         Web().Owner("ReplicaSet", "web"),
         WebsOn("a1", 1),
         {{0, 100, 100, 0}},
         kListed},
        {"NoListedDefaults", Web().Owner("ReplicaSet", "web"), WebsOn("a1", 1), std::nullopt,
         R"({"defaultingType": "List"})"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(PodTopologySpread, HoldsListedDefaultsThatAreHard) {
  const auto cluster = Cluster(WebsOn("a1", 1));
  cluster->UpsertObject(Owner<kube::Service>("default/web", {{"app", "web"}}));
  const PodTopologySpread plugin = Spread(R"({"defaultingType": "List", "defaultConstraints": [
      {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname",
       "whenUnsatisfiable": "DoNotSchedule"}]})");
  const auto answers = Asking(*cluster, Web(), plugin).Filter();
  EXPECT_EQ(answers.at("a1"), kSkew);
  EXPECT_EQ(answers.at("a2"), "ok");
  EXPECT_EQ(Asking(*cluster, MakePod("p"), plugin).PreFilter(), "Skip");
}

}  // namespace pod_topology_spread_test
}  // namespace heat_scheduler
