#include "plugins/defaults/inter_pod_affinity/inter_pod_affinity.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace inter_pod_affinity_test {

using enum kube::SelectorOperator;
using kube::PodAffinityTerm;
using Pods = std::vector<kube::Pod>;

constexpr char kAffinity[] =
    "UnschedulableAndUnresolvable: node(s) didn't match pod affinity rules";
constexpr char kAnti[] = "Unschedulable: node(s) didn't match pod anti-affinity rules";
constexpr char kOthers[] =
    "Unschedulable: node(s) didn't satisfy existing pods anti-affinity rules";

// Returns a term that selects pods with that label "app".
PodAffinityTerm App(const std::string& app, const std::string& topology_key = "zone") {
  PodAffinityTerm term;
  term.label_selector.emplace().match_labels = {{"app", app}};
  term.topology_key = topology_key;
  return term;
}

PodAffinityTerm In(std::vector<std::string> namespaces, PodAffinityTerm term) {
  term.namespaces = std::move(namespaces);
  return term;
}

PodAffinityTerm InTeam(kube::SelectorOperator op, PodAffinityTerm term) {
  const bool has_values = op == kIn || op == kNotIn;
  term.namespace_selector.emplace().match_expressions = {
      Require("team", op, has_values ? std::vector<std::string>{"a"} : std::vector<std::string>())};
  return term;
}

PodAffinityTerm InEveryNamespace(PodAffinityTerm term) {
  term.namespace_selector.emplace();
  return term;
}

PodAffinityTerm WithoutSelector() {
  PodAffinityTerm term = App("");
  term.label_selector.reset();
  return term;
}

PodAffinityTerm EveryPod() {
  PodAffinityTerm term = App("");
  term.label_selector.emplace();
  return term;
}

PodBuilder Labelled(const std::string& key, const std::string& app) {
  return MakePod(key).Label("app", app);
}

kube::Pod On(const std::string& node, PodBuilder pod) { return pod.Node(node); }

// Two nodes in zone a, one in zone b, one in none; namespaces default and dev of team a, prod of
// team b, and one that is not known.
std::unique_ptr<ClusterState> Cluster(const Pods& others) {
  auto cluster = MakeCluster({MakeNode("a1").Label("zone", "a"), MakeNode("a2").Label("zone", "a"),
                              MakeNode("b1").Label("zone", "b"), MakeNode("none")},
                             others);
  for (const auto& [name, team] :
       std::map<std::string, std::string>{{"default", "a"}, {"dev", "a"}, {"prod", "b"}}) {
    kube::Namespace object;
    object.metadata.name = name;
    object.metadata.labels = {{"team", team}};
    cluster->UpsertObject(std::make_shared<const kube::Namespace>(object));
  }
  return cluster;
}

// ---- Filter ----

// What Filter says of a1, a2, b1 and the node without zone.
using Answers = std::vector<std::string>;

struct FilterRow {
  std::string name;
  kube::Pod pod;
  Pods others;
  Answers expected;
};

class InterPodAffinityFilter : public testing::TestWithParam<FilterRow> {};

TEST_P(InterPodAffinityFilter, Answers) {
  const auto cluster = Cluster(GetParam().others);
  const InterPodAffinity plugin;
  const auto answers = Asking(*cluster, GetParam().pod, plugin).Filter();
  EXPECT_EQ((Answers{answers.at("a1"), answers.at("a2"), answers.at("b1"), answers.at("none")}),
            GetParam().expected);
}

const Answers kEverywhere = {"ok", "ok", "ok", "ok"};
const Answers kNowhere = {kAffinity, kAffinity, kAffinity, kAffinity};
const Answers kZoneA = {"ok", "ok", kAffinity, kAffinity};
const Answers kNotZoneA = {kAnti, kAnti, "ok", "ok"};
const Answers kKeptOffZoneA = {kOthers, kOthers, "ok", "ok"};

INSTANTIATE_TEST_SUITE_P(
    Affinity, InterPodAffinityFilter,
    testing::ValuesIn(std::vector<FilterRow>{
        {"AsksForNothing", MakePod("p"), {On("a1", Labelled("o", "web"))}, kEverywhere},
        {"BesideAPod",
         MakePod("p").RequiredPodAffinity(App("web")),
         {On("a1", Labelled("o", "web"))},
         kZoneA},
        {"OnTheSameHost",
         MakePod("p").RequiredPodAffinity(App("web", "kubernetes.io/hostname")),
         {On("a1", Labelled("o", "web"))},
         {"ok", kAffinity, kAffinity, kAffinity}},
        {"NobodyThere",
         MakePod("p").RequiredPodAffinity(App("web")),
         {On("a1", Labelled("o", "db"))},
         kNowhere},
        {"PodOnANodeWithoutTheKey",
         MakePod("p").RequiredPodAffinity(App("web")),
         {On("none", Labelled("o", "web"))},
         kNowhere},
        {"PodOnANodeThatIsGone",
         MakePod("p").RequiredPodAffinity(App("web")),
         {On("gone", Labelled("o", "web"))},
         kNowhere},
        {"OnePodForAllTerms",
         MakePod("p").RequiredPodAffinity(App("web")).RequiredPodAffinity(EveryPod()),
         {On("a1", Labelled("o", "web"))},
         kZoneA},
        {"TwoPodsForTwoTerms",
         MakePod("p").RequiredPodAffinity(App("web")).RequiredPodAffinity(App("db")),
         {On("a1", Labelled("o", "web")), On("a1", Labelled("q", "db"))},
         kNowhere},
        {"TermsOfTwoKeys",
         MakePod("p")
             .RequiredPodAffinity(App("web"))
             .RequiredPodAffinity(App("web", "kubernetes.io/hostname")),
         {On("a1", Labelled("o", "web"))},
         {"ok", kAffinity, kAffinity, kAffinity}},
        {"NoSelectorMatchesNothing",
         MakePod("p").RequiredPodAffinity(WithoutSelector()),
         {On("a1", Labelled("o", "web"))},
         kNowhere},
        {"EmptySelectorMatchesEveryPod",
         MakePod("p").RequiredPodAffinity(EveryPod()),
         {On("a1", MakePod("o"))},
         kZoneA},
    }),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    FirstOfAGroup, InterPodAffinityFilter,
    testing::ValuesIn(std::vector<FilterRow>{
        {"Passes",
         Labelled("p", "web").RequiredPodAffinity(App("web")),
         {On("a1", Labelled("o", "db"))},
         {"ok", "ok", "ok", kAffinity}},
        {"OnlyIfItMatchesAllItsTerms",
         Labelled("p", "web").RequiredPodAffinity(App("web")).RequiredPodAffinity(App("db")),
         {},
         kNowhere},
        {"SecondDoesNot",
         Labelled("p", "web").RequiredPodAffinity(App("web")),
         {On("b1", Labelled("o", "web"))},
         {kAffinity, kAffinity, "ok", kAffinity}},
        // It counts in no domain.
        {"SecondBesideOneWithoutTheKey",
         Labelled("p", "web").RequiredPodAffinity(App("web")),
         {On("none", Labelled("o", "web"))},
         {"ok", "ok", "ok", kAffinity}},
        {"NotInItsOwnNamespace",
         Labelled("p", "web").RequiredPodAffinity(In({"dev"}, App("web"))),
         {},
         kNowhere},
        {"ByTheNamespacesLabels",
         Labelled("p", "web").RequiredPodAffinity(InTeam(kIn, App("web"))),
         {},
         {"ok", "ok", "ok", kAffinity}},
    }),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Namespaces, InterPodAffinityFilter,
    testing::ValuesIn(std::vector<FilterRow>{
        {"ItsOwn",
         MakePod("p").RequiredPodAffinity(App("web")),
         {On("a1", Labelled("dev/o", "web"))},
         kNowhere},
        {"Listed",
         MakePod("p").RequiredPodAffinity(In({"prod", "dev"}, App("web"))),
         {On("a1", Labelled("dev/o", "web"))},
         kZoneA},
        {"ListedWithoutItsOwn",
         MakePod("p").RequiredPodAffinity(In({"dev"}, App("web"))),
         {On("a1", Labelled("o", "web"))},
         kNowhere},
        {"Selected",
         MakePod("p").RequiredPodAffinity(InTeam(kIn, App("web"))),
         {On("a1", Labelled("dev/o", "web"))},
         kZoneA},
        {"NotSelected",
         MakePod("p").RequiredPodAffinity(InTeam(kIn, App("web"))),
         {On("a1", Labelled("prod/o", "web"))},
         kNowhere},
        {"ListedOrSelected",
         MakePod("p").RequiredPodAffinity(In({"prod"}, InTeam(kIn, App("web")))),
         {On("a1", Labelled("prod/o", "web")), On("b1", Labelled("dev/o", "web"))},
         {"ok", "ok", "ok", kAffinity}},
        {"EmptySelectorSelectsAll",
         MakePod("p").RequiredPodAffinity(InEveryNamespace(App("web"))),
         {On("a1", Labelled("prod/o", "web"))},
         kZoneA},
        {"EmptySelectorSelectsThoseNotKnown",
         MakePod("p").RequiredPodAffinity(InEveryNamespace(App("web"))),
         {On("a1", Labelled("unknown/o", "web"))},
         kZoneA},
        {"SelectorSelectsNoneThatIsNotKnown",
         MakePod("p").RequiredPodAffinity(InTeam(kExists, App("web"))),
         {On("a1", Labelled("unknown/o", "web"))},
         kNowhere},
        // As in kube-scheduler, which matches the selector against no labels once more.
        {"NotInSelectsAll",
         MakePod("p").RequiredPodAffinity(InTeam(kNotIn, App("web"))),
         {On("a1", Labelled("dev/o", "web"))},
         kZoneA},
        {"DoesNotExistSelectsAll",
         MakePod("p").RequiredPodAffinity(InTeam(kDoesNotExist, App("web"))),
         {On("a1", Labelled("dev/o", "web"))},
         kZoneA},
    }),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    AntiAffinity, InterPodAffinityFilter,
    testing::ValuesIn(std::vector<FilterRow>{
        {"ApartFromAPod",
         MakePod("p").RequiredPodAntiAffinity(App("web")),
         {On("a1", Labelled("o", "web"))},
         kNotZoneA},
        {"FromEachTerm",
         MakePod("p").RequiredPodAntiAffinity(App("web")).RequiredPodAntiAffinity(App("db")),
         {On("a1", Labelled("o", "web")), On("b1", Labelled("q", "db"))},
         {kAnti, kAnti, kAnti, "ok"}},
        {"NotFromItself",
         Labelled("p", "web").RequiredPodAntiAffinity(App("web")),
         {},
         kEverywhere},
        {"OfAnotherNamespace",
         MakePod("p").RequiredPodAntiAffinity(In({"dev"}, App("web"))),
         {On("a1", Labelled("dev/o", "web")), On("b1", Labelled("o", "web"))},
         kNotZoneA},
        {"AffinityIsToldFirst",
         MakePod("p").RequiredPodAffinity(App("db")).RequiredPodAntiAffinity(App("web")),
         {On("a1", Labelled("o", "web")), On("b1", Labelled("q", "db"))},
         {kAffinity, kAffinity, "ok", kAffinity}},
    }),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    AntiAffinityOfOthers, InterPodAffinityFilter,
    testing::ValuesIn(std::vector<FilterRow>{
        {"KeepsOff",
         Labelled("p", "web"),
         {On("a1", MakePod("o").RequiredPodAntiAffinity(App("web")))},
         kKeptOffZoneA},
        {"KeepsOffOneHost",
         Labelled("p", "web"),
         {On("a1", MakePod("o").RequiredPodAntiAffinity(App("web", "kubernetes.io/hostname")))},
         {kOthers, "ok", "ok", "ok"}},
        {"OfOtherPods",
         Labelled("p", "db"),
         {On("a1", MakePod("o").RequiredPodAntiAffinity(App("web")))},
         kEverywhere},
        {"InItsOwnNamespace",
         Labelled("p", "web"),
         {On("a1", MakePod("dev/o").RequiredPodAntiAffinity(App("web")))},
         kEverywhere},
        {"InAListedNamespace",
         Labelled("p", "web"),
         {On("a1", MakePod("dev/o").RequiredPodAntiAffinity(In({"default"}, App("web"))))},
         kKeptOffZoneA},
        {"InASelectedNamespace",
         Labelled("p", "web"),
         {On("a1", MakePod("prod/o").RequiredPodAntiAffinity(InTeam(kIn, App("web"))))},
         kKeptOffZoneA},
        {"NotInASelectedNamespace",
         Labelled("prod/p", "web"),
         {On("a1", MakePod("prod/o").RequiredPodAntiAffinity(InTeam(kIn, App("web"))))},
         kEverywhere},
        {"SelectorThatExcludesIt",
         Labelled("p", "web"),
         {On("a1", MakePod("prod/o").RequiredPodAntiAffinity(InTeam(kNotIn, App("web"))))},
         kEverywhere},
        {"ANamespaceThatIsNotKnownHasNoLabels",
         Labelled("unknown/p", "web"),
         {On("a1", MakePod("prod/o").RequiredPodAntiAffinity(InTeam(kNotIn, App("web")))),
          On("b1", MakePod("prod/q").RequiredPodAntiAffinity(InTeam(kExists, App("web"))))},
         kKeptOffZoneA},
        {"ItsOwnIsToldFirst",
         Labelled("p", "web").RequiredPodAntiAffinity(EveryPod()),
         {On("a1", MakePod("o").RequiredPodAntiAffinity(App("web")))},
         kNotZoneA},
        {"PreferredOnesDoNot",
         Labelled("p", "web"),
         {On("a1", MakePod("o").PreferredPodAntiAffinity(100, App("web")))},
         kEverywhere},
    }),
    [](const auto& row) { return row.param.name; });

TEST(InterPodAffinity, IsSkippedWithoutRequiredTerms) {
  const InterPodAffinity plugin;
  const auto cluster = Cluster({On("a1", MakePod("o").RequiredPodAntiAffinity(App("web")))});
  EXPECT_EQ(
      Asking(*cluster, Labelled("p", "db").PreferredPodAffinity(1, App("web")), plugin).PreFilter(),
      "Skip");
  EXPECT_EQ(Asking(*cluster, Labelled("p", "web"), plugin).PreFilter(), "ok");
  EXPECT_EQ(Asking(*cluster, MakePod("p").RequiredPodAffinity(App("web")), plugin).PreFilter(),
            "ok");
}

// ---- Score ----

// Points of a1, b1 and the node without zone; nothing if it was skipped.
using Points = std::optional<std::vector<std::int64_t>>;

struct ScoreRow {
  std::string name;
  kube::Pod pod;
  Pods others;
  Points expected;
  InterPodAffinityArgs args = {};
};

class InterPodAffinityScore : public testing::TestWithParam<ScoreRow> {};

TEST_P(InterPodAffinityScore, GivesPoints) {
  const auto cluster = Cluster(GetParam().others);
  const InterPodAffinity plugin(GetParam().args);
  const auto scored = Asking(*cluster, GetParam().pod, plugin).Scored({"a1", "b1", "none"});
  Points points;
  if (scored) points = {scored->at("a1"), scored->at("b1"), scored->at("none")};
  EXPECT_EQ(points, GetParam().expected);
}

const InterPodAffinityArgs kIgnoring = {.ignore_preferred_terms_of_existing_pods = true};

INSTANTIATE_TEST_SUITE_P(
    Table, InterPodAffinityScore,
    testing::ValuesIn(std::vector<ScoreRow>{
        {"NobodyPrefersAnything", Labelled("p", "web"), {On("a1", MakePod("o"))}, std::nullopt},
        {"NobodyMatches",
         Labelled("p", "web").PreferredPodAffinity(5, App("db")),
         {On("a1", MakePod("o").PreferredPodAffinity(5, App("db")))},
         std::nullopt},
        {"NoNodeHasTheKey",
         MakePod("p").PreferredPodAffinity(5, App("web")),
         {On("none", Labelled("o", "web"))},
         std::nullopt},
        {"Affinity",
         MakePod("p").PreferredPodAffinity(5, App("web")),
         {On("a2", Labelled("o", "web"))},
         {{100, 0, 0}}},
        {"AntiAffinity",
         MakePod("p").PreferredPodAntiAffinity(5, App("web")),
         {On("a2", Labelled("o", "web"))},
         {{0, 100, 100}}},
        {"OncePerPodAndTerm",
         MakePod("p").PreferredPodAffinity(2, App("web")).PreferredPodAffinity(1, EveryPod()),
         {On("a1", Labelled("o", "web")), On("a2", MakePod("q")), On("b1", MakePod("r"))},
         {{100, 25, 0}}},
        {"RoundsDown",
         MakePod("p").PreferredPodAffinity(1, App("web")),
         {On("a1", Labelled("o", "web")), On("a1", Labelled("q", "web")),
          On("a1", Labelled("r", "web")), On("b1", Labelled("s", "web")),
          On("b1", Labelled("t", "web"))},
         {{100, 66, 0}}},
        {"EqualEverywhere",
         MakePod("p").PreferredPodAffinity(5, App("web", "kubernetes.io/hostname")),
         {On("a1", Labelled("o", "web")), On("b1", Labelled("q", "web")),
          On("none", Labelled("r", "web"))},
         {{0, 0, 0}}},
        // Not the same as nobody: it runs, and all have 0.
        {"ComesToNothing",
         MakePod("p").PreferredPodAffinity(5, App("web")).PreferredPodAntiAffinity(5, App("web")),
         {On("a1", Labelled("o", "web"))},
         {{0, 0, 0}}},
        {"AffinityOfOthers",
         Labelled("p", "web"),
         {On("a1", MakePod("o").PreferredPodAffinity(5, App("web")))},
         {{100, 0, 0}}},
        {"AntiAffinityOfOthers",
         Labelled("p", "web"),
         {On("a1", MakePod("o").PreferredPodAntiAffinity(5, App("web")))},
         {{0, 100, 100}}},
        {"OthersByNamespaceLabels",
         Labelled("p", "web"),
         {On("a1", MakePod("prod/o").PreferredPodAffinity(5, InTeam(kIn, App("web")))),
          On("b1", MakePod("prod/q").PreferredPodAffinity(5, InTeam(kNotIn, App("web"))))},
         {{100, 0, 0}}},
        {"NamespaceSelectorOfItsOwn",
         MakePod("p").PreferredPodAffinity(5, InTeam(kIn, App("web"))),
         {On("a1", Labelled("dev/o", "web")), On("b1", Labelled("prod/q", "web"))},
         {{100, 0, 0}}},
        {"RequiredAffinityOfOthersCountsOne",
         Labelled("p", "web"),
         {On("a1", MakePod("o").RequiredPodAffinity(App("web"))),
          On("b1", MakePod("q").PreferredPodAffinity(4, App("web")))},
         {{25, 100, 0}}},
        {"RequiredAntiAffinityOfOthersDoesNotCount",
         Labelled("p", "web"),
         {On("a1", MakePod("o").RequiredPodAntiAffinity(App("web")))},
         std::nullopt},
        {"ItsOwnRequiredAffinityDoesNotCount",
         MakePod("p").RequiredPodAffinity(App("web")),
         {On("a1", Labelled("o", "web"))},
         std::nullopt},
        {"HardPodAffinityWeight",
         Labelled("p", "web"),
         {On("a1", MakePod("o").RequiredPodAffinity(App("web"))),
          On("b1", MakePod("q").PreferredPodAffinity(4, App("web")))},
         {{100, 50, 0}},
         {.hard_pod_affinity_weight = 8}},
        {"HardPodAffinityWeightOfNothing",
         Labelled("p", "web"),
         {On("a1", MakePod("o").RequiredPodAffinity(App("web")))},
         std::nullopt,
         {.hard_pod_affinity_weight = 0}},
        {"IgnoringOthers",
         Labelled("p", "web"),
         {On("a1", MakePod("o").PreferredPodAffinity(5, App("web")))},
         std::nullopt,
         kIgnoring},
        {"NotIgnoringOthersIfItPrefersSomething",
         Labelled("p", "web").PreferredPodAffinity(5, App("web")),
         {On("a1", MakePod("o").PreferredPodAffinity(5, App("web")))},
         {{100, 0, 0}},
         kIgnoring},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace inter_pod_affinity_test
}  // namespace heat_scheduler
