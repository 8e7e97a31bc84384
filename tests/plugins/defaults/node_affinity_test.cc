#include "plugins/defaults/node_affinity.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace node_affinity_test {

using enum kube::SelectorOperator;
using Names = std::vector<std::string>;

constexpr char kRefused[] =
    "UnschedulableAndUnresolvable: node(s) didn't match Pod's node affinity/selector";
constexpr char kConflict[] = "UnschedulableAndUnresolvable: pod affinity terms conflict";

kube::NodeSelectorTerm Labels(std::vector<kube::SelectorRequirement> requirements) {
  return {std::move(requirements), {}};
}
kube::NodeSelectorTerm Fields(std::vector<kube::SelectorRequirement> requirements) {
  return {{}, std::move(requirements)};
}
kube::SelectorRequirement Named(Names names) { return Require("metadata.name", kIn, names); }
kube::SelectorRequirement NotNamed(Names names) { return Require("metadata.name", kNotIn, names); }

// ---- Filter ----

struct FilterRow {
  std::string name;
  kube::Pod pod;
  std::string expected;
};

class NodeAffinityFilter : public testing::TestWithParam<FilterRow> {};

TEST_P(NodeAffinityFilter, Answers) {
  const kube::Node node = MakeNode("n").Label("disk", "ssd").Label("zone", "a").Label("cores", "8");
  EXPECT_EQ(FilterOne(NodeAffinity(), GetParam().pod, node), GetParam().expected);
}

kube::Pod WithoutTerms() {
  kube::Pod pod = MakePod("p");
  pod.spec->affinity.required_node_affinity.emplace();
  return pod;
}

INSTANTIATE_TEST_SUITE_P(
    Table, NodeAffinityFilter,
    testing::ValuesIn(std::vector<FilterRow>{
        {"AsksForNothing", MakePod("p"), "ok"},
        {"Selector", MakePod("p").NodeSelector("disk", "ssd").NodeSelector("zone", "a"), "ok"},
        {"SelectorOfOtherValue", MakePod("p").NodeSelector("disk", "hdd"), kRefused},
        {"SelectorOfAbsentKey", MakePod("p").NodeSelector("arch", "arm64"), kRefused},
        {"SelectorHalfMatched", MakePod("p").NodeSelector("disk", "ssd").NodeSelector("z", "a"),
         kRefused},
        {"Term", MakePod("p").RequiredNodeTerm(Labels({Require("disk", kIn, {"nvme", "ssd"})})),
         "ok"},
        {"TermOfOtherValue", MakePod("p").RequiredNodeTerm(Labels({Require("disk", kIn, {"hdd"})})),
         kRefused},
        {"TermsAreAlternatives",
         MakePod("p")
             .RequiredNodeTerm(Labels({Require("disk", kIn, {"hdd"})}))
             .RequiredNodeTerm(Labels({Require("zone", kExists)})),
         "ok"},
        {"RequirementsOfATermAllHold",
         MakePod("p").RequiredNodeTerm(Labels({Require("disk", kIn, {"ssd"}),
                                               Require("zone", kNotIn, {"a"})})),
         kRefused},
        {"SelectorAndTermsBothHold",
         MakePod("p")
             .NodeSelector("disk", "hdd")
             .RequiredNodeTerm(Labels({Require("zone", kExists)})),
         kRefused},
        {"GreaterThan", MakePod("p").RequiredNodeTerm(Labels({Require("cores", kGt, {"7"})})),
         "ok"},
        {"NotGreaterThanItself",
         MakePod("p").RequiredNodeTerm(Labels({Require("cores", kGt, {"8"})})), kRefused},
        {"EmptyTermSelectsNothing", MakePod("p").RequiredNodeTerm({}), kRefused},
        {"NoTermsSelectNothing", WithoutTerms(), kRefused},
        {"Name", MakePod("p").RequiredNodeTerm(Fields({Named({"n"})})), "ok"},
        {"OtherName", MakePod("p").RequiredNodeTerm(Fields({Named({"m"})})), kRefused},
        {"NotThisName", MakePod("p").RequiredNodeTerm(Fields({NotNamed({"n"})})), kRefused},
        {"NotAnotherName", MakePod("p").RequiredNodeTerm(Fields({NotNamed({"m"})})), "ok"},
        {"NameAndLabelBothHold",
         MakePod("p").RequiredNodeTerm({{Require("disk", kIn, {"hdd"})}, {Named({"n"})}}),
         kRefused},
        {"SecondTermByName",
         MakePod("p")
             .RequiredNodeTerm(Labels({Require("disk", kIn, {"hdd"})}))
             .RequiredNodeTerm(Fields({Named({"n"})})),
         "ok"},
        {"NamesConflict", MakePod("p").RequiredNodeTerm(Fields({Named({"n"}), Named({"m"})})),
         kConflict},
    }),
    [](const auto& row) { return row.param.name; });

TEST(NodeAffinity, FiltersWithoutPreFilter) {
  const auto cluster = MakeCluster({MakeNode("a").Label("disk", "ssd"), MakeNode("b")});
  const NodeAffinity plugin;
  Asking asking(*cluster, MakePod("p").NodeSelector("disk", "ssd"), plugin);
  EXPECT_EQ(asking.FilterNodes(cluster->nodes()), (Names{"ok", kRefused}));
}

// ---- PreFilter ----

struct PreFilterRow {
  std::string name;
  kube::Pod pod;
  std::string expected;
  std::optional<Names> narrowed_to;
};

class NodeAffinityPreFilter : public testing::TestWithParam<PreFilterRow> {};

TEST_P(NodeAffinityPreFilter, Narrows) {
  const auto cluster = MakeCluster({MakeNode("n")});
  const NodeAffinity plugin;
  Asking asking(*cluster, GetParam().pod, plugin);
  EXPECT_EQ(asking.PreFilter(), GetParam().expected);
  EXPECT_EQ(asking.narrowed_to(), GetParam().narrowed_to);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NodeAffinityPreFilter,
    testing::ValuesIn(std::vector<PreFilterRow>{
        {"AsksForNothing", MakePod("p"), "Skip", std::nullopt},
        {"SelectorAlone", MakePod("p").NodeSelector("disk", "ssd"), "ok", std::nullopt},
        {"NoTerms", WithoutTerms(), "ok", std::nullopt},
        {"OneName", MakePod("p").RequiredNodeTerm(Fields({Named({"n"})})), "ok", Names{"n"}},
        {"NamesOfAllTerms",
         MakePod("p")
             .RequiredNodeTerm(Fields({Named({"c"})}))
             .RequiredNodeTerm({{Require("disk", kExists)}, {Named({"a"})}})
             .RequiredNodeTerm(Fields({Named({"c"})})),
         "ok", Names{"a", "c"}},
        {"OneTermWithoutName",
         MakePod("p")
             .RequiredNodeTerm(Fields({Named({"a"})}))
             .RequiredNodeTerm(Labels({Require("disk", kExists)})),
         "ok", std::nullopt},
        {"NotInNarrowsNothing", MakePod("p").RequiredNodeTerm(Fields({NotNamed({"a"})})), "ok",
         std::nullopt},
        {"NamesInCommon",
         MakePod("p").RequiredNodeTerm(Fields({Named({"a", "b"}), Named({"b", "c"})})), "ok",
         Names{"b"}},
        {"OneTermConflictsOneDoesNot",
         MakePod("p")
             .RequiredNodeTerm(Fields({Named({"a"}), Named({"b"})}))
             .RequiredNodeTerm(Fields({Named({"c"})})),
         "ok", Names{"c"}},
        {"AllTermsConflict",
         MakePod("p")
             .RequiredNodeTerm(Fields({Named({"a"}), Named({"b"})}))
             .RequiredNodeTerm(Fields({Named({"c"}), Named({"d"})})),
         kConflict, std::nullopt},
    }),
    [](const auto& row) { return row.param.name; });

// ---- Score ----

using Points = std::map<std::string, std::int64_t>;

kube::PreferredSchedulingTerm Prefer(std::int32_t weight, kube::NodeSelectorTerm term) {
  return {weight, std::move(term)};
}

TEST(NodeAffinityScore, SumsTheWeightsOfTheTermsThatSelect) {
  const auto cluster = MakeCluster({MakeNode("a").Label("disk", "ssd").Label("zone", "z"),
                                    MakeNode("b").Label("disk", "ssd"), MakeNode("c")});
  const kube::Pod pod = MakePod("p")
                            .PreferredNodeTerm(20, Labels({Require("disk", kIn, {"ssd"})}))
                            .PreferredNodeTerm(10, Labels({Require("zone", kExists)}))
                            .PreferredNodeTerm(7, Fields({Named({"c"})}))
                            .PreferredNodeTerm(50, {});  // Selects nothing.
  const NodeAffinity plugin;
  EXPECT_EQ(Asking(*cluster, pod, plugin).Score(), (Points{{"a", 30}, {"b", 20}, {"c", 7}}));
  EXPECT_EQ(Asking(*cluster, pod, plugin).Scored(), (Points{{"a", 100}, {"b", 66}, {"c", 23}}));
  EXPECT_EQ(Asking(*cluster, pod, plugin).Scored({"b", "c"}), (Points{{"b", 100}, {"c", 35}}));
}

TEST(NodeAffinityScore, LeavesOutPodsThatPreferNothing) {
  const auto cluster = MakeCluster({MakeNode("a")});
  EXPECT_EQ(Asking(*cluster, MakePod("p").NodeSelector("disk", "ssd"), NodeAffinity()).Scored(),
            std::nullopt);
}

TEST(NodeAffinityScore, GivesNothingWhereNoTermSelects) {
  const auto cluster = MakeCluster({MakeNode("a"), MakeNode("b")});
  const kube::Pod pod = MakePod("p").PreferredNodeTerm(20, Labels({Require("disk", kExists)}));
  EXPECT_EQ(Asking(*cluster, pod, NodeAffinity()).Scored(), (Points{{"a", 0}, {"b", 0}}));
}

Status PreScored(const kube::Pod& pod) {
  const auto cluster = MakeCluster({MakeNode("a")});
  const NodeAffinity plugin;
  return plugin.PreScore(Asking(*cluster, pod, plugin).cycle(), cluster->nodes());
}

// The API takes such pods: they do no harm as long as one node alone fits.
TEST(NodeAffinityScore, FailsOnTermsThatKubernetesCannotRead) {
  const std::string integer = "for 'Gt', 'Lt' operators, the value must be an integer";
  const Status one =
      PreScored(MakePod("p").PreferredNodeTerm(1, Labels({Require("cores", kGt, {"x"})})));
  EXPECT_EQ(one.code, Code::kError);
  EXPECT_EQ(one.Message(), "[0].matchExpressions[0].values[0]: Invalid value: \"x\": " + integer);
  const Status two = PreScored(MakePod("p")
                                   .PreferredNodeTerm(1, Labels({Require("cores", kGt, {"x"})}))
                                   .PreferredNodeTerm(2, Labels({Require("cores", kLt, {"y"})})));
  EXPECT_EQ(two.Message(),
            "[[0].matchExpressions[0].values[0]: Invalid value: \"x\": " + integer +
                ", [1].matchExpressions[0].values[0]: Invalid value: \"y\": " + integer + "]");
  EXPECT_TRUE(
      PreScored(MakePod("p").PreferredNodeTerm(0, Labels({Require("cores", kGt, {"x"})}))).ok());
}

// ---- addedAffinity ----

constexpr char kNotEnforced[] =
    "UnschedulableAndUnresolvable: node(s) didn't match scheduler-enforced node affinity";

NodeAffinity Enforcing() {
  NodeAffinityArgs args;
  args.required.emplace().terms = {Labels({Require("disk", kExists)})};
  args.preferred = {Prefer(40, Labels({Require("zone", kIn, {"b"})}))};
  return NodeAffinity(args);
}

TEST(AddedAffinity, IsRequiredOfEveryPodAndAskedFirst) {
  const NodeAffinity plugin = Enforcing();
  const kube::Node with = MakeNode("n").Label("disk", "ssd");
  EXPECT_EQ(FilterOne(plugin, MakePod("p"), MakeNode("n")), kNotEnforced);
  EXPECT_EQ(FilterOne(plugin, MakePod("p"), with), "ok");
  EXPECT_EQ(FilterOne(plugin, MakePod("p").NodeSelector("zone", "a"), with), kRefused);
  EXPECT_EQ(FilterOne(plugin, MakePod("p").NodeSelector("zone", "a"), MakeNode("n")), kNotEnforced);
}

TEST(AddedAffinity, NarrowsNothing) {
  NodeAffinityArgs args;
  args.required.emplace().terms = {Fields({Named({"a"})})};
  const NodeAffinity plugin(args);
  const auto cluster = MakeCluster({MakeNode("a"), MakeNode("b")});
  Asking asking(*cluster, MakePod("p"), plugin);
  EXPECT_EQ(asking.Filter(),
            (std::map<std::string, std::string>{{"a", "ok"}, {"b", kNotEnforced}}));
  EXPECT_EQ(asking.narrowed_to(), std::nullopt);
}

TEST(AddedAffinity, PrefersForEveryPodBesideWhatThePodPrefers) {
  const NodeAffinity plugin = Enforcing();
  const auto cluster =
      MakeCluster({MakeNode("a").Label("zone", "a"), MakeNode("b").Label("zone", "b")});
  EXPECT_EQ(Asking(*cluster, MakePod("p"), plugin).Score(), (Points{{"a", 0}, {"b", 40}}));
  const kube::Pod pod = MakePod("p").PreferredNodeTerm(20, Labels({Require("zone", kExists)}));
  EXPECT_EQ(Asking(*cluster, pod, plugin).Scored(), (Points{{"a", 33}, {"b", 100}}));
}

}  // namespace node_affinity_test
}  // namespace heat_scheduler
