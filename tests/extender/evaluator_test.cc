#include "extender/evaluator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "nlohmann/json.hpp"
#include "policy/plugin_registry.h"
#include "policy/profile_config.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace evaluator_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Totals = std::vector<std::int64_t>;

struct Row {
  std::string name;
  Totals totals;
  Totals scores;
};

class Stretch : public testing::TestWithParam<Row> {};

TEST_P(Stretch, IsLinearAndRoundsHalvesUp) {
  EXPECT_EQ(StretchToExtenderScores(GetParam().totals), GetParam().scores);
}

INSTANTIATE_TEST_SUITE_P(Table, Stretch,
                         testing::ValuesIn(std::vector<Row>{
                             {"None", {}, {}},
                             {"One", {70}, {0}},
                             {"AllEqual", {5, 5, 5}, {0, 0, 0}},
                             {"Two", {3, 4}, {0, 10}},
                             {"EvenSteps", {0, 10, 20, 100}, {0, 1, 2, 10}},
                             {"HalfUp", {0, 5, 4, 100}, {0, 1, 0, 10}},
                             {"Negative", {-50, 0, 50}, {0, 5, 10}},
                             {"Extremes",
                              {std::numeric_limits<std::int64_t>::min(), 0,
                               std::numeric_limits<std::int64_t>::max()},
                              {0, 5, 10}},
                         }),
                         [](const auto& row) { return row.param.name; });

RC_GTEST_PROP(StretchLaws, KeepOrderAndUseTheWholeRange, (const Totals& totals)) {
  const Totals scores = StretchToExtenderScores(totals);
  RC_ASSERT(scores.size() == totals.size());
  RC_PRE(!totals.empty());
  const auto [least, greatest] = std::minmax_element(totals.begin(), totals.end());
  for (std::size_t i = 0; i < totals.size(); ++i) {
    if (totals[i] == *least) RC_ASSERT(scores[i] == 0);
    if (totals[i] == *greatest && *least != *greatest) RC_ASSERT(scores[i] == 10);
    for (std::size_t j = 0; j < i; ++j) {
      if (totals[i] < totals[j]) RC_ASSERT(scores[i] <= scores[j]);
      if (totals[i] == totals[j]) RC_ASSERT(scores[i] == scores[j]);
    }
  }
}

// A plugin that fails, in the way that is asked for.
class Failing final : public Plugin, public FilterPlugin, public ScorePlugin {
 public:
  explicit Failing(bool throws) : throws_(throws) {}
  std::string_view name() const override { return "Failing"; }
  void Filter(const Cycle&, NodeSpan, absl::Span<Verdict> verdicts) const override {
    if (throws_) throw std::runtime_error("out of luck");
    verdicts.front().code = Code::kError;
  }
  std::vector<std::string> Reasons(const Cycle&, const Verdict&) const override {
    return {"no answer"};
  }
  Inputs filter_inputs() const override { return {}; }
  void Score(const Cycle&, NodeSpan, absl::Span<std::int64_t> scores) const override {
    if (throws_) throw std::runtime_error("out of luck");
    scores.front() = 101;
  }
  Inputs score_inputs() const override { return {}; }

 private:
  const bool throws_;
};

class EvaluatorTest : public ::testing::Test {
 protected:
  EvaluatorTest() {
    for (const auto& [name, zone] :
         std::vector<std::pair<std::string, std::string>>{{"a", "x"}, {"b", "y"}, {"c", "x"}}) {
      cluster_.UpsertNode(MakeNode(name).Label("zone", zone).Ref());
    }
    cluster_.UpsertNode(MakeNode("d").Label("zone", "x").Taint("only", "gpus").Ref());
  }

  // A profile of these plugins, and of those that every profile needs.
  static Profile ProfileOf(const std::vector<std::string>& plugins) {
    nlohmann::json config;
    nlohmann::json& everywhere = config["plugins"]["multiPoint"];
    everywhere["disabled"][0]["name"] = "*";
    for (const char* needed : {"PrioritySort", "DefaultBinder"}) {
      everywhere["enabled"].push_back({{"name", needed}});
    }
    for (const std::string& plugin : plugins) {
      everywhere["enabled"].push_back({{"name", plugin}});
    }
    return ProfileFromJson(config).value();
  }

  static Profile ProfileWith(std::unique_ptr<Plugin> plugin) {
    Profile::Spec spec;
    spec.scheduler_name = "failing";
    Plugin* const raw = plugin.get();
    spec.plugins.push_back(std::move(plugin));
    for (const ExtensionPoint point : {ExtensionPoint::kFilter, ExtensionPoint::kScore}) {
      spec.points[IndexOf(point)].push_back({raw, 1});
    }
    auto sort = CreatePlugin("PrioritySort", nullptr).value();
    auto bind = CreatePlugin("DefaultBinder", nullptr).value();
    spec.points[IndexOf(ExtensionPoint::kQueueSort)].push_back({sort.get(), 1});
    spec.points[IndexOf(ExtensionPoint::kBind)].push_back({bind.get(), 1});
    spec.plugins.push_back(std::move(sort));
    spec.plugins.push_back(std::move(bind));
    return Profile::Create(std::move(spec)).value();
  }

  std::vector<NodeId> Rows(const std::vector<std::string>& names) {
    std::vector<NodeId> rows;
    for (const std::string& name : names) rows.push_back(cluster_.FindNode(name));
    return rows;
  }

  // "a", or "b: reason" with a "!" if no pod that leaves helps.
  std::vector<std::string> Filter(const Profile& profile, const kube::Ref<kube::Pod>& pod,
                                  const std::vector<std::string>& names) {
    const std::vector<NodeId> rows = Rows(names);
    const PodRecord& record = cluster_.UpsertPod(pod);
    const auto outcome = evaluator_.Filter({profile, cluster_, record, now_, rows});
    cluster_.RemovePod(PodKey(pod->metadata));
    if (!outcome.ok()) return {std::string(outcome.status().message())};
    std::vector<std::string> said;
    for (const NodeId node : outcome->passed) said.push_back(cluster_.columns().name[node]);
    for (const FilterOutcome::Failure& failure : outcome->failed) {
      said.push_back(cluster_.columns().name[failure.node] + (failure.resolvable ? ": " : "!: ") +
                     outcome->reasons[failure.reason]);
    }
    return said;
  }

  absl::StatusOr<Totals> Prioritize(const Profile& profile, const kube::Ref<kube::Pod>& pod,
                                    const std::vector<std::string>& names) {
    const std::vector<NodeId> rows = Rows(names);
    const PodRecord& record = cluster_.UpsertPod(pod);
    auto scores = evaluator_.Prioritize({profile, cluster_, record, now_, rows});
    cluster_.RemovePod(PodKey(pod->metadata));
    return scores;
  }

  ClusterState cluster_;
  Evaluator evaluator_;
  const Instant now_{absl::UnixEpoch(), absl::ZeroDuration()};
};

TEST_F(EvaluatorTest, FiltersInTheOrderOfTheRequest) {
  const Profile profile = ProfileOf({"TaintToleration", "NodeAffinity"});
  EXPECT_THAT(Filter(profile, MakePod("p").NodeSelector("zone", "x").Ref(), {"d", "c", "b", "a"}),
              ElementsAre("c", "a", "d!: node(s) had untolerated taint(s)",
                          "b!: node(s) didn't match Pod's node affinity/selector"));
}

TEST_F(EvaluatorTest, FiltersNoNodeButThoseAskedAbout) {
  const Profile profile = ProfileOf({"TaintToleration"});
  EXPECT_THAT(Filter(profile, MakePod("p").Ref(), {"c"}), ElementsAre("c"));
  EXPECT_THAT(Filter(profile, MakePod("p").Ref(), {"d"}),
              ElementsAre("d!: node(s) had untolerated taint(s)"));
  EXPECT_THAT(Filter(profile, MakePod("p").Ref(), {}), IsEmpty());
}

TEST_F(EvaluatorTest, SaysOfAllNodesThatThePodIsRefused) {
  // Terms that contradict each other leave no name.
  kube::NodeSelectorTerm term;
  for (const char* name : {"a", "b"}) {
    term.match_fields.push_back(
        {.key = "metadata.name", .op = kube::SelectorOperator::kIn, .values = {name}});
  }
  const auto said =
      Filter(ProfileOf({"NodeAffinity"}), MakePod("p").RequiredNodeTerm(term).Ref(), {"b", "a"});
  ASSERT_EQ(said.size(), 2u);
  EXPECT_THAT(said[0], ::testing::StartsWith("b!: "));
  EXPECT_THAT(said[1], ::testing::StartsWith("a!: "));
}

TEST_F(EvaluatorTest, SaysWhenPreFilterLeavesOnlySomeNodes) {
  kube::NodeSelectorTerm term;
  term.match_fields.push_back(
      {.key = "metadata.name", .op = kube::SelectorOperator::kIn, .values = {"b"}});
  EXPECT_THAT(Filter(ProfileOf({"NodeAffinity"}), MakePod("p").RequiredNodeTerm(term).Ref(),
                     {"c", "b", "a"}),
              ElementsAre("b", "c!: node(s) didn't satisfy plugin(s) [NodeAffinity]",
                          "a!: node(s) didn't satisfy plugin(s) [NodeAffinity]"));
}

TEST_F(EvaluatorTest, ScoresInTheOrderOfTheRequest) {
  kube::NodeSelectorTerm zone_y;
  zone_y.match_expressions.push_back(
      {.key = "zone", .op = kube::SelectorOperator::kIn, .values = {"y"}});
  const auto pod = MakePod("p").PreferredNodeTerm(1, zone_y).Ref();
  const Profile profile = ProfileOf({"NodeAffinity"});
  EXPECT_THAT(*Prioritize(profile, pod, {"d", "b", "a"}), ElementsAre(0, 10, 0));
  EXPECT_THAT(*Prioritize(profile, pod, {"b"}), ElementsAre(0));
  EXPECT_THAT(*Prioritize(profile, pod, {}), IsEmpty());
}

TEST_F(EvaluatorTest, ScoresNodesThatAFilterWouldRefuse) {
  const Profile profile = ProfileOf({"TaintToleration"});
  EXPECT_THAT(*Prioritize(profile, MakePod("p").Ref(), {"d", "a"}), ElementsAre(0, 0));
}

TEST_F(EvaluatorTest, TellsWhichPluginFailed) {
  const Profile throws = ProfileWith(std::make_unique<Failing>(true));
  const Profile errs = ProfileWith(std::make_unique<Failing>(false));
  const auto pod = MakePod("p").Ref();
  EXPECT_THAT(Filter(throws, pod, {"a", "b"}),
              ElementsAre("running \"Failing\" filter plugin: out of luck"));
  EXPECT_THAT(Filter(errs, pod, {"a", "b"}),
              ElementsAre("running \"Failing\" filter plugin: no answer"));
  EXPECT_EQ(Prioritize(throws, pod, {"a", "b"}).status().message(),
            "running Score plugins: plugin \"Failing\" failed with: out of luck");
  EXPECT_EQ(Prioritize(errs, pod, {"a", "b"}).status().message(),
            "running Score plugins: plugin \"Failing\" failed with: node \"a\" scores 101; after "
            "normalisation a score has to be in [0, 100]");
}

}  // namespace evaluator_test
}  // namespace heat_scheduler
