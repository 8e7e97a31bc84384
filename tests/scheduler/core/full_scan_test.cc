#include "scheduler/core/full_scan.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "tests/scheduler/fake_plugins.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace full_scan_test {

using testing::HasSubstr;
using Result = Selection::Result;

class FullScanTest : public testing::Test {
 protected:
  void AddNodes(int count) {
    for (int i = 1; i <= count; ++i) {
      cluster_.UpsertNode(MakeNode("n" + std::to_string(i)).Ref());
    }
  }

  Selection Select(TieRule rule = TieRule::kSmallestName, std::uint64_t decision = 0) {
    profile_.emplace(builder_.Build());
    return Again(rule, decision);
  }

  // Selects with the profile of the last Select.
  Selection Again(TieRule rule = TieRule::kSmallestName, std::uint64_t decision = 0) {
    state_ = {};
    cycle_.emplace(Cycle{cluster_, cluster_.UpsertPod(MakePod("p").Ref()), state_, {}});
    return FullScan(rule, kSeed).Select(*profile_, *cycle_, decision, record_);
  }

  std::string NameOf(NodeId node) const {
    return node == kNoNode ? "" : cluster_.columns().name[node];
  }
  static std::string NameIn(const Cycle& cycle, NodeId node) {
    return cycle.cluster.columns().name[node];
  }
  std::string Message(const Selection& selection) {
    return FitErrorMessage(*cycle_, selection.diagnosis, "");
  }

  // A filter that lets through all but the named nodes.
  void Reject(const std::string& name, std::set<std::string> nodes, Inputs inputs = {}) {
    auto& filter = builder_.Add<FilterHook>(name);
    filter.inputs = inputs;
    filter.reasons = [name](const Verdict&) { return std::vector{"refused by " + name}; };
    filter.filter = [nodes](const Cycle& cycle, NodeId node) {
      return nodes.count(NameIn(cycle, node)) > 0 ? Unschedulable() : Verdict{};
    };
  }

  void Score(const std::string& name, std::map<std::string, std::int64_t> scores,
             std::int64_t weight = 1) {
    builder_.Add<ScoreHook>(name, weight).score = [scores](const Cycle& cycle, NodeId node) {
      return scores.at(NameIn(cycle, node));
    };
  }

  static constexpr std::uint64_t kSeed = 7;
  ProfileBuilder builder_;
  std::optional<Profile> profile_;
  ClusterState cluster_;
  CycleState state_;
  std::optional<Cycle> cycle_;
  DecisionRecord* record_ = nullptr;
};

TEST_F(FullScanTest, WithoutNodesNothingIsRun) {
  builder_.Add<PreFilterHook>("PreFilter").pre_filter = [](const Cycle&) -> PreFilterResult {
    throw std::runtime_error("called");
  };
  const Selection selection = Select();
  EXPECT_EQ(selection.result, Result::kUnschedulable);
  EXPECT_EQ(Message(selection), "no nodes available to schedule pods");
  EXPECT_TRUE(selection.diagnosis.wake_inputs.Has(Input::kFeasibleCount));
}

TEST_F(FullScanTest, WithoutPluginsTheTieRuleAloneDecides) {
  AddNodes(3);
  const Selection selection = Select();
  EXPECT_EQ(selection.result, Result::kChosen);
  EXPECT_EQ(NameOf(selection.node), "n1");
  EXPECT_EQ(selection.feasible_count, 3u);
}

TEST_F(FullScanTest, TheFirstFilterThatFailsIsReported) {
  AddNodes(3);
  Reject("A", {"n1"}, {Input::kNodeTaints});
  Reject("B", {"n1", "n2", "n3"}, {Input::kNodeResources});
  const Selection selection = Select();
  EXPECT_EQ(selection.result, Result::kUnschedulable);
  EXPECT_EQ(Message(selection), "0/3 nodes are available: 1 refused by A, 2 refused by B.");
  ASSERT_EQ(selection.diagnosis.rejections.size(), 3u);
  EXPECT_EQ(selection.diagnosis.rejections.List()[0].filter->plugin->name(), "A");
  EXPECT_EQ(selection.diagnosis.rejections.List()[1].filter->plugin->name(), "B");
  EXPECT_EQ(NameOf(selection.diagnosis.rejections.List()[2].node), "n3");
  EXPECT_EQ(selection.diagnosis.rejecting_plugins.size(), 2u);
  EXPECT_EQ(selection.diagnosis.wake_inputs,
            (Inputs{Input::kNodeTaints, Input::kNodeResources, Input::kFeasibleCount}));
}

TEST_F(FullScanTest, AFilterThatRejectsNothingWakesNobody) {
  AddNodes(1);
  Reject("A", {}, {Input::kNodeTaints});
  Reject("B", {"n1"}, {Input::kNodeResources});
  EXPECT_EQ(Select().diagnosis.wake_inputs, (Inputs{Input::kNodeResources, Input::kFeasibleCount}));
}

TEST_F(FullScanTest, LaterFiltersSeeOnlyWhatIsLeft) {
  AddNodes(3);
  Reject("A", {"n2"});
  std::vector<std::string> seen;
  builder_.Add<FilterHook>("B").filter = [&seen](const Cycle& cycle, NodeId node) {
    seen.push_back(NameIn(cycle, node));
    return Verdict{};
  };
  Select();
  EXPECT_EQ(seen, (std::vector<std::string>{"n1", "n3"}));
}

TEST_F(FullScanTest, TheEarliestValidUntilOfRejectingTimeReadersIsKept) {
  AddNodes(2);
  const auto add = [this](const std::string& name, Inputs inputs, int seconds) {
    auto& filter = builder_.Add<FilterHook>(name);
    filter.inputs = inputs;
    filter.valid_until = absl::FromUnixSeconds(seconds);
    filter.filter = [name](const Cycle& cycle, NodeId node) {
      return NameIn(cycle, node) == name ? Unschedulable() : Verdict{};
    };
  };
  add("n1", {Input::kTime}, 200);
  add("n2", {Input::kTime}, 100);
  add("n3", {Input::kTime}, 50);
  EXPECT_EQ(Select().diagnosis.valid_until, absl::FromUnixSeconds(100));
}

TEST_F(FullScanTest, APreFilterThatSkipsLeavesItsFilterOut) {
  AddNodes(1);
  auto& plugin = builder_.Add<PreFilterHook, FilterHook>("A");
  plugin.pre_filter = [](const Cycle&) { return PreFilterResult{{Code::kSkip, {}, ""}, {}, {}}; };
  plugin.filter = [](const Cycle&, NodeId) { return Unschedulable(); };
  EXPECT_EQ(Select().result, Result::kChosen);
}

TEST_F(FullScanTest, AnUnresolvableRefusalEndsPreFilter) {
  AddNodes(2);
  auto& a = builder_.Add<PreFilterHook>("A");
  a.pre_filter = [](const Cycle&) { return PreFilterResult{Unresolvable("no way"), {}, {}}; };
  a.pre_inputs = {Input::kPodFacts};
  builder_.Add<PreFilterHook>("B").pre_filter = [](const Cycle&) -> PreFilterResult {
    throw std::runtime_error("called");
  };
  const Selection selection = Select();
  EXPECT_EQ(selection.result, Result::kUnschedulable);
  EXPECT_EQ(Message(selection), "0/2 nodes are available: no way.");
  EXPECT_EQ(selection.diagnosis.pre_filter.plugin, "A");
  EXPECT_EQ(selection.diagnosis.wake_inputs, Inputs{Input::kPodFacts});
  EXPECT_TRUE(selection.diagnosis.rejections.empty());
}

TEST_F(FullScanTest, AnUnschedulableRefusalIsKeptAndTheRestStillRuns) {
  AddNodes(1);
  builder_.Add<PreFilterHook>("A").pre_filter = [](const Cycle&) {
    return PreFilterResult{Rejected("not now"), {}, {}};
  };
  bool ran = false;
  builder_.Add<PreFilterHook>("B").pre_filter = [&ran](const Cycle&) {
    ran = true;
    return PreFilterResult{};
  };
  Reject("F", {"n1"});
  const Selection selection = Select();
  EXPECT_TRUE(ran);
  EXPECT_EQ(Message(selection), "0/1 nodes are available: not now.");
}

TEST_F(FullScanTest, APreFilterThatWaitsSaysForWhat) {
  AddNodes(1);
  builder_.Add<PreFilterHook>("A").pre_filter = [](const Cycle&) {
    return PreFilterResult{
        {Code::kWait, {"for the claim"}, ""}, {}, {{Input::kVolumes}, absl::Seconds(9)}};
  };
  const Selection selection = Select();
  EXPECT_EQ(selection.result, Result::kWait);
  EXPECT_EQ(selection.status.plugin, "A");
  EXPECT_EQ(selection.wait.inputs, Inputs{Input::kVolumes});
  EXPECT_EQ(selection.wait.deadline, absl::Seconds(9));
}

class Narrowing : public FullScanTest {
 protected:
  void Narrow(const std::string& plugin, std::vector<std::string> names) {
    builder_.Add<PreFilterHook>(plugin).pre_filter = [names](const Cycle&) {
      return PreFilterResult{{}, names, {}};
    };
  }
};

TEST_F(Narrowing, LooksAtTheNamedNodesOnly) {
  AddNodes(3);
  Narrow("NodeAffinity", {"n3", "gone", "n2"});
  Reject("F", {"n2"});
  const Selection selection = Select();
  EXPECT_EQ(NameOf(selection.node), "n3");
  EXPECT_EQ(selection.feasible_count, 1u);
}

TEST_F(Narrowing, TheOthersAreRejectedForIt) {
  AddNodes(3);
  Narrow("NodeAffinity", {"n2"});
  Reject("F", {"n2"});
  const Selection selection = Select();
  EXPECT_EQ(Message(selection),
            "0/3 nodes are available: 1 refused by F, 2 node(s) didn't satisfy plugin(s) "
            "[NodeAffinity].");
  EXPECT_EQ(selection.diagnosis.rejections.List()[0].filter, nullptr);
  EXPECT_EQ(selection.diagnosis.rejections.List()[0].verdict.code,
            Code::kUnschedulableAndUnresolvable);
}

TEST_F(Narrowing, ToNodesThatDoNotExistLeavesNone) {
  AddNodes(2);
  Narrow("NodeAffinity", {"gone"});
  const Selection selection = Select();
  EXPECT_EQ(Message(selection),
            "0/2 nodes are available: 2 node(s) didn't satisfy plugin(s) [NodeAffinity].");
  EXPECT_TRUE(selection.diagnosis.wake_inputs.Has(Input::kFeasibleCount));
}

TEST_F(Narrowing, ByTwoPluginsIsWhatBothName) {
  AddNodes(3);
  Narrow("B", {"n1", "n2"});
  Narrow("A", {"n2", "n3"});
  const Selection selection = Select();
  EXPECT_EQ(NameOf(selection.node), "n2");
  EXPECT_EQ(selection.diagnosis.narrowed_reason, "node(s) didn't satisfy plugin(s) [A B]");
}

TEST_F(Narrowing, ByTwoPluginsThatDisagreeRefusesThePod) {
  AddNodes(3);
  Narrow("B", {"n1"});
  Narrow("A", {"n2"});
  EXPECT_EQ(Message(Select()),
            "0/3 nodes are available: node(s) didn't satisfy plugin(s) [A B] simultaneously.");
}

TEST_F(Narrowing, ToNothingRefusesThePod) {
  AddNodes(3);
  Narrow("A", {});
  EXPECT_EQ(Message(Select()), "0/3 nodes are available: node(s) didn't satisfy plugin A.");
}

TEST_F(FullScanTest, ASetFilterKeepsSomeOfWhatTheFiltersLeft) {
  AddNodes(4);
  Reject("F", {"n1"});
  auto& coolest = builder_.Add<SetFilterHook>("Heat");
  coolest.note = "coolest";
  coolest.keep = [](const Cycle& cycle, NodeId node) { return NameIn(cycle, node) >= "n3"; };
  Score("S", {{"n3", 1}, {"n4", 2}});
  const Selection selection = Select();
  EXPECT_EQ(NameOf(selection.node), "n4");
  EXPECT_EQ(selection.feasible_count, 3u);
  ASSERT_EQ(selection.set_filter_notes.size(), 1u);
  EXPECT_EQ(selection.set_filter_notes[0].first->name(), "Heat");
  EXPECT_EQ(selection.set_filter_notes[0].second, "coolest");
}

TEST_F(FullScanTest, ASetFilterThatKeepsNothingFailsThePod) {
  AddNodes(2);
  builder_.Add<SetFilterHook>("Heat").keep = [](const Cycle&, NodeId) { return false; };
  const Selection selection = Select();
  EXPECT_EQ(selection.result, Result::kError);
  EXPECT_EQ(selection.status.Message(), "running SetFilter plugin \"Heat\": it kept no node");
}

TEST_F(FullScanTest, OneNodeLeftIsChosenUnscored) {
  AddNodes(2);
  Reject("F", {"n1"});
  builder_.Add<ScoreHook>("S").score = [](const Cycle&, NodeId) -> std::int64_t {
    throw std::runtime_error("called");
  };
  EXPECT_EQ(NameOf(Select().node), "n2");
}

TEST_F(FullScanTest, WeightedScoresAreSummed) {
  AddNodes(3);
  Score("A", {{"n1", 100}, {"n2", 50}, {"n3", 0}});
  Score("B", {{"n1", 0}, {"n2", 40}, {"n3", 60}}, 2);
  EXPECT_EQ(NameOf(Select().node), "n2");
}

TEST_F(FullScanTest, APreScoreThatSkipsLeavesItsScoreOut) {
  AddNodes(2);
  Score("A", {{"n1", 10}, {"n2", 0}});
  auto& skipped = builder_.Add<PreScoreHook, ScoreHook>("B");
  skipped.pre_score = [](const Cycle&, NodeSpan) { return Status{Code::kSkip, {}, ""}; };
  skipped.score = [](const Cycle&, NodeId) -> std::int64_t { throw std::runtime_error("called"); };
  EXPECT_EQ(NameOf(Select().node), "n1");
}

TEST_F(FullScanTest, NormalizeScoreBringsScoresIntoRange) {
  AddNodes(2);
  auto& score = builder_.Add<ScoreHook>("A");
  score.score = [](const Cycle& cycle, NodeId node) {
    return NameIn(cycle, node) == "n2" ? 5000 : -5000;
  };
  score.normalize = [](absl::Span<std::int64_t> scores) {
    for (std::int64_t& value : scores) value = value > 0 ? 100 : 0;
  };
  EXPECT_EQ(NameOf(Select().node), "n2");
}

struct BadScore {
  std::string name;
  std::int64_t score;
};
class ScoreOutOfRange : public FullScanTest, public testing::WithParamInterface<BadScore> {};

TEST_P(ScoreOutOfRange, FailsThePod) {
  AddNodes(2);
  builder_.Add<ScoreHook>("A").score = [](const Cycle&, NodeId) { return GetParam().score; };
  const Selection selection = Select();
  EXPECT_EQ(selection.result, Result::kError);
  EXPECT_EQ(selection.status.plugin, "A");
  EXPECT_EQ(selection.status.Message(),
            "running Score plugins: plugin \"A\" failed with: node \"n1\" scores " +
                std::to_string(GetParam().score) +
                "; after normalisation a score has to be in [0, 100]");
}

INSTANTIATE_TEST_SUITE_P(Rows, ScoreOutOfRange,
                         testing::Values(BadScore{"Above", 101}, BadScore{"Below", -1}),
                         [](const auto& row) { return row.param.name; });

// ---- Plugins that fail ----

struct Thrower {
  std::string point;
  std::function<void(ProfileBuilder&)> add;
  std::string message;  // What stands before the plugin's own words.
};
class ThrowingPlugin : public FullScanTest, public testing::WithParamInterface<Thrower> {};

TEST_P(ThrowingPlugin, FailsThePodAndIsNamed) {
  AddNodes(2);
  GetParam().add(builder_);
  const Selection selection = Select();
  EXPECT_EQ(selection.result, Result::kError);
  EXPECT_EQ(selection.status.code, Code::kError);
  EXPECT_EQ(selection.status.plugin, "Bad");
  EXPECT_EQ(selection.status.Message(), GetParam().message + ": out of luck");
}

[[noreturn]] void Throw() { throw std::runtime_error("out of luck"); }

INSTANTIATE_TEST_SUITE_P(
    Points, ThrowingPlugin,
    testing::ValuesIn(std::vector<Thrower>{
        {"PreFilter",
         [](ProfileBuilder& b) {
           b.Add<PreFilterHook>("Bad").pre_filter = [](auto&&...) -> PreFilterResult { Throw(); };
         },
         "running PreFilter plugin \"Bad\""},
        {"Filter",
         [](ProfileBuilder& b) {
           b.Add<FilterHook>("Bad").filter = [](auto&&...) -> Verdict { Throw(); };
         },
         "running \"Bad\" filter plugin"},
        {"SetFilter",
         [](ProfileBuilder& b) {
           b.Add<SetFilterHook>("Bad").keep = [](auto&&...) -> bool { Throw(); };
         },
         "running SetFilter plugin \"Bad\""},
        {"PreScore",
         [](ProfileBuilder& b) {
           b.Add<PreScoreHook>("Bad").pre_score = [](auto&&...) -> Status { Throw(); };
         },
         "running PreScore plugin \"Bad\""},
        {"Score",
         [](ProfileBuilder& b) {
           b.Add<ScoreHook>("Bad").score = [](auto&&...) -> std::int64_t { Throw(); };
         },
         "running Score plugins: plugin \"Bad\" failed with"},
        {"NormalizeScore",
         [](ProfileBuilder& b) { b.Add<ScoreHook>("Bad").normalize = [](auto&&...) { Throw(); }; },
         "running Normalize on Score plugins: plugin \"Bad\" failed with"},
    }),
    [](const auto& row) { return row.param.point; });

TEST_F(FullScanTest, SomethingThrownThatIsNoExceptionIsCaughtToo) {
  AddNodes(1);
  builder_.Add<FilterHook>("Bad").filter = [](auto&&...) -> Verdict { throw 7; };
  EXPECT_THAT(Select().status.Message(), HasSubstr("\"Bad\" filter plugin: "));
}

TEST_F(FullScanTest, AnErrorFromPreFilterFailsThePod) {
  AddNodes(1);
  builder_.Add<PreFilterHook>("Bad").pre_filter = [](const Cycle&) {
    return PreFilterResult{{Code::kError, {"disk on fire"}, ""}, {}, {}};
  };
  const Selection selection = Select();
  EXPECT_EQ(selection.result, Result::kError);
  EXPECT_EQ(selection.status.Message(), "running PreFilter plugin \"Bad\": disk on fire");
}

TEST_F(FullScanTest, AVerdictThatIsNoVerdictFailsThePod) {
  AddNodes(1);
  builder_.Add<FilterHook>("Bad").filter = [](auto&&...) { return Verdict{Code::kWait, 0}; };
  const Selection selection = Select();
  EXPECT_EQ(selection.result, Result::kError);
  EXPECT_EQ(selection.status.Message(),
            "running \"Bad\" filter plugin: node \"n1\": verdict Wait: it does not fit");
}

TEST_F(FullScanTest, APodThatFailedLeavesNothingBehindForTheNext) {
  AddNodes(3);
  auto& filter = builder_.Add<FilterHook>("F");
  profile_.emplace(builder_.Build());
  FullScan scan(TieRule::kSmallestName, kSeed);
  cycle_.emplace(Cycle{cluster_, cluster_.UpsertPod(MakePod("p").Ref()), state_, {}});
  filter.filter = [](const Cycle& cycle, NodeId node) {
    if (NameIn(cycle, node) == "n2") Throw();
    return Unschedulable();
  };
  EXPECT_EQ(scan.Select(*profile_, *cycle_, 0).result, Result::kError);
  filter.filter = [](const Cycle&, NodeId) { return Verdict{}; };
  const Selection selection = scan.Select(*profile_, *cycle_, 1);
  EXPECT_EQ(selection.result, Result::kChosen);
  EXPECT_EQ(selection.feasible_count, 3u);
  EXPECT_TRUE(selection.diagnosis.rejections.empty());
}

// ---- Ties ----

TEST_F(FullScanTest, RotationStartsAtAMixOfSeedAndDecisionNumber) {
  AddNodes(5);
  Score("S", {{"n1", 1}, {"n2", 9}, {"n3", 1}, {"n4", 9}, {"n5", 1}});
  profile_.emplace(builder_.Build());
  std::set<std::string> chosen;
  for (std::uint64_t decision = 0; decision < 50; ++decision) {
    const std::uint64_t start = Mix(kSeed, decision) % 5;
    const std::string expected = start == 2 || start == 3 ? "n4" : "n2";
    const std::string name = NameOf(Again(TieRule::kRotate, decision).node);
    EXPECT_EQ(name, expected) << "decision " << decision << ", start " << start;
    chosen.insert(name);
  }
  EXPECT_EQ(chosen.size(), 2u);
}

TEST_F(FullScanTest, SmallestNameDoesNotRotate) {
  AddNodes(12);
  profile_.emplace(builder_.Build());
  for (std::uint64_t decision = 0; decision < 10; ++decision) {
    EXPECT_EQ(NameOf(Again(TieRule::kSmallestName, decision).node), "n1");
  }
}

// ---- Record ----

TEST_F(FullScanTest, TheRecordHoldsEverythingThatWasSaid) {
  AddNodes(5);
  DecisionRecord record;
  record_ = &record;
  Reject("F", {"n2"});
  builder_.Add<SetFilterHook>("Heat").keep = [](const Cycle& cycle, NodeId node) {
    return NameIn(cycle, node) != "n3";
  };
  auto& score = builder_.Add<ScoreHook>("S", 3);
  score.score = [](const Cycle& cycle, NodeId node) {
    return NameIn(cycle, node) == "n1" ? 100 : 1000;
  };
  score.normalize = [](absl::Span<std::int64_t> scores) {
    for (std::int64_t& value : scores) value /= 10;
  };
  EXPECT_EQ(NameOf(Select().node), "n4");
  ASSERT_EQ(record.nodes.size(), 5u);
  EXPECT_EQ(record.nodes[0].rejected_by, nullptr);
  ASSERT_EQ(record.nodes[0].scores.size(), 1u);
  EXPECT_EQ(record.nodes[0].scores[0].raw, 100);
  EXPECT_EQ(record.nodes[0].scores[0].normalized, 10);
  EXPECT_EQ(record.nodes[0].scores[0].weighted, 30);
  EXPECT_EQ(record.nodes[0].total, 30);
  EXPECT_EQ(record.nodes[1].rejected_by->name(), "F");
  EXPECT_EQ(record.nodes[1].reasons, std::vector<std::string>{"refused by F"});
  EXPECT_EQ(record.nodes[1].verdict.code, Code::kUnschedulable);
  EXPECT_FALSE(record.nodes[1].dropped_by_set_filter);
  EXPECT_EQ(record.nodes[2].rejected_by->name(), "Heat");
  EXPECT_TRUE(record.nodes[2].dropped_by_set_filter);
  EXPECT_TRUE(record.nodes[2].scores.empty());
  EXPECT_EQ(record.nodes[4].total, 300);
  ASSERT_EQ(record.best.size(), 2u);
  EXPECT_EQ(NameOf(record.best[0]), "n4");
  EXPECT_EQ(NameOf(record.best[1]), "n5");
}

// ---- Against a naive reading of the specification ----

RC_GTEST_FIXTURE_PROP(FullScanTest, AgreesWithOneNodeAtATime, ()) {
  const int nodes = *rc::gen::inRange(1, 12);
  AddNodes(nodes);
  constexpr int kFilters = 3;
  constexpr int kScores = 2;
  std::map<std::string, std::vector<bool>> passes;
  std::map<std::string, std::vector<std::int64_t>> scores;
  for (int i = 1; i <= nodes; ++i) {
    const std::string name = "n" + std::to_string(i);
    for (int f = 0; f < kFilters; ++f) passes[name].push_back(*rc::gen::inRange(0, 4) != 0);
    for (int s = 0; s < kScores; ++s) scores[name].push_back(*rc::gen::inRange(0, 3));
  }
  for (int f = 0; f < kFilters; ++f) {
    builder_.Add<FilterHook>("F" + std::to_string(f)).filter = [&, f](const Cycle& cycle,
                                                                      NodeId node) {
      return passes[NameIn(cycle, node)][f] ? Verdict{} : Unschedulable();
    };
  }
  for (int s = 0; s < kScores; ++s) {
    builder_.Add<ScoreHook>("S" + std::to_string(s), s + 1).score =
        [&, s](const Cycle& cycle, NodeId node) { return scores[NameIn(cycle, node)][s]; };
  }
  const auto decision = *rc::gen::arbitrary<std::uint64_t>();
  const Selection selection = Select(TieRule::kRotate, decision);

  std::vector<std::string> order;
  for (NodeId node : cluster_.nodes()) order.push_back(NameOf(node));
  std::size_t feasible = 0;
  std::int64_t best = -1;
  std::string expected;
  const std::size_t start = Mix(kSeed, decision) % order.size();
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::string& name = order[(start + i) % order.size()];
    if (std::count(passes[name].begin(), passes[name].end(), false) > 0) continue;
    ++feasible;
    const std::int64_t total = scores[name][0] + 2 * scores[name][1];
    if (total > best) {
      best = total;
      expected = name;
    }
  }
  RC_ASSERT(NameOf(selection.node) == expected);
  RC_ASSERT(selection.feasible_count == feasible);
  RC_ASSERT(selection.diagnosis.rejections.size() == order.size() - feasible);
  for (const NodeRejection& rejection : selection.diagnosis.rejections.List()) {
    const auto& row = passes[NameOf(rejection.node)];
    const auto first = std::find(row.begin(), row.end(), false) - row.begin();
    RC_ASSERT(rejection.filter->plugin->name() == "F" + std::to_string(first));
  }
}

}  // namespace full_scan_test
}  // namespace heat_scheduler
