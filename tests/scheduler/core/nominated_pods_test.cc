// Pods that are nominated to a node: what they take from others there, and where they go
// themselves.
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scheduler/core/full_scan.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace nominated_pods_test {

using testing::ElementsAre;
using Result = Selection::Result;
using Lines = Machine::Lines;

class NominatedPods : public testing::Test {
 protected:
  NominatedPods() {
    Show(MakeNode("n1").Cpu("2"));
    Show(MakeNode("n2").Cpu("2"));
  }
  void Show(const NodeBuilder& node) { cluster_.UpsertNode(node.Ref()); }
  void Show(const PodBuilder& pod) { cluster_.UpsertPod(pod.Ref()); }

  Selection Select(const PodBuilder& pod) {
    profile_.emplace(builder_.Build());
    state_ = {};
    cycle_.emplace(Cycle{cluster_, cluster_.UpsertPod(pod.Ref()), state_, {}});
    return FullScan(TieRule::kSmallestName, 0).Select(*profile_, *cycle_, 0, &record_);
  }
  // Returns the chosen node, or why there is none.
  std::string Answer(const PodBuilder& pod) {
    const Selection selection = Select(pod);
    if (selection.result == Result::kChosen) return cluster_.columns().name[selection.node];
    if (selection.result == Result::kError) return selection.status.Message();
    return FitErrorMessage(*cycle_, selection.diagnosis, "");
  }

  ProfileBuilder builder_;
  std::optional<Profile> profile_;
  ClusterState cluster_;
  CycleState state_;
  std::optional<Cycle> cycle_;
  DecisionRecord record_;
};

struct RoomCase {
  std::string name;
  std::int32_t nominated_priority;
  std::string chosen;
};

class RoomForNominated : public NominatedPods, public testing::WithParamInterface<RoomCase> {};

// A pod with priority 5 that wants all of n1 or n2; n1 comes first.
TEST_P(RoomForNominated, IsLeftByPodsThatAreNoMoreImportant) {
  AddFit(builder_);
  Show(MakePod("nominated").Cpu("1").Priority(GetParam().nominated_priority).Nominated("n1"));
  EXPECT_EQ(Answer(OurPod("p", "2").Priority(5)), GetParam().chosen);
}

INSTANTIATE_TEST_SUITE_P(Cases, RoomForNominated,
                         testing::Values(RoomCase{"Lower", 4, "n1"}, RoomCase{"Equal", 5, "n2"},
                                         RoomCase{"Higher", 6, "n2"}),
                         [](const auto& row) { return row.param.name; });

TEST_F(NominatedPods, CountWithTheirReasonInTheMessage) {
  AddFit(builder_);
  Show(MakePod("a").Cpu("1").Nominated("n1"));
  Show(MakePod("b").Cpu("1").Node("n2"));
  EXPECT_EQ(Answer(OurPod("p", "2")), "0/2 nodes are available: 2 Insufficient cpu.");
}

TEST_F(NominatedPods, DoNotStandInTheirOwnWay) {
  AddFit(builder_);
  EXPECT_EQ(Answer(OurPod("p", "2").Nominated("n1")), "n1");
}

TEST_F(NominatedPods, LeaveTheStateAsItWas) {
  AddFit(builder_);
  Show(MakePod("nominated").Cpu("1").Nominated("n1"));
  const std::uint64_t sequence = cluster_.sequence();
  const NodeColumns before = cluster_.columns();
  Answer(OurPod("p", "2"));
  EXPECT_EQ(cluster_.sequence(), sequence);
  EXPECT_EQ(cluster_.columns().requested, before.requested);
  EXPECT_EQ(cluster_.columns().pods, before.pods);
}

struct Seen : PluginState {
  std::unique_ptr<PluginState> Clone() const override { return std::make_unique<Seen>(*this); }
  std::set<std::string> pods;
};

// A filter that keeps the pods it was told of in its cycle data, and decides by them.
class TwoLooks : public NominatedPods {
 protected:
  using Plugin = Fake<PreFilterHook, FilterHook>;

  void Build(std::function<bool(bool with_nominated)> passes) {
    auto& plugin = builder_.Add<PreFilterHook, FilterHook>("Seer");
    plugin.pre_filter = [&plugin](const Cycle& cycle) {
      cycle.state.Put(&plugin, std::make_unique<Seen>());
      return PreFilterResult{};
    };
    plugin.add_pod = [&plugin](const Cycle& cycle, const PodRecord& pod, NodeId) {
      cycle.state.Get<Seen>(&plugin).pods.insert(pod.facts.name);
    };
    plugin.filter = [&plugin, passes](const Cycle& cycle, NodeId) {
      const bool with = !cycle.state.Get<Seen>(&plugin).pods.empty();
      return passes(with) ? Verdict{} : Unschedulable(with ? 1 : 0);
    };
    plugin.reasons = [](const Verdict& verdict) {
      return std::vector<std::string>{verdict.detail == 1 ? "fails with" : "fails without"};
    };
  }
};

TEST_F(TwoLooks, BothHaveToSucceed) {
  Build([](bool) { return true; });
  Show(MakePod("x").Nominated("n1"));
  EXPECT_EQ(Answer(OurPod("p")), "n1");
}

TEST_F(TwoLooks, TheLookWithThemDecidesFirst) {
  Build([](bool) { return false; });
  Show(MakePod("x").Nominated("n1"));
  EXPECT_EQ(Answer(OurPod("p")), "0/2 nodes are available: 1 fails with, 1 fails without.");
}

TEST_F(TwoLooks, WhatNeedsThemFailsWithout) {
  Build([](bool with) { return with; });
  Show(MakePod("x").Nominated("n1"));
  EXPECT_EQ(Answer(OurPod("p")), "0/2 nodes are available: 2 fails without.");
}

TEST_F(TwoLooks, WhatTheyDisturbFailsWithThem) {
  Build([](bool with) { return !with; });
  Show(MakePod("x").Nominated("n1"));
  EXPECT_EQ(Answer(OurPod("p")), "n2");
}

TEST_F(TwoLooks, PluginsThatSaidSkipAreNotTold) {
  auto& plugin = builder_.Add<PreFilterHook, FilterHook>("Skipper");
  plugin.pre_filter = [](const Cycle&) { return PreFilterResult{{Code::kSkip, {}, ""}, {}, {}}; };
  plugin.add_pod = [](auto&&...) { ADD_FAILURE() << "told"; };
  plugin.filter = [](auto&&...) { return Unschedulable(); };
  Show(MakePod("x").Nominated("n1"));
  EXPECT_EQ(Answer(OurPod("p")), "n1");
}

TEST_F(TwoLooks, AFilterThatFailsToAnswerFailsThePod) {
  builder_.Add<FilterHook>("Bad").filter = [](const Cycle& cycle, NodeId node) {
    return Verdict{cycle.cluster.columns().pods[node].empty() ? Code::kSuccess : Code::kError, 0};
  };
  Show(MakePod("x").Nominated("n1"));
  EXPECT_EQ(Answer(OurPod("p")), "running \"Bad\" filter plugin: it does not fit");
}

// ---- The pod's own nominated node ----

class OwnNomination : public NominatedPods {
 protected:
  OwnNomination() {
    AddFit(builder_);
    builder_.Add<ScoreHook>("Score").score = [this](const Cycle& cycle, NodeId node) {
      ++scored_;
      return cycle.cluster.columns().name[node] == "n1" ? 100 : 0;
    };
    builder_.Add<SetFilterHook>("Set").keep = [this](const Cycle&, NodeId) {
      ++scored_;
      return true;
    };
  }
  int scored_ = 0;
};

TEST_F(OwnNomination, IsTakenUnseenOthersAndUnscored) {
  const Selection selection = Select(OurPod("p").Nominated("n2"));
  EXPECT_EQ(cluster_.columns().name[selection.node], "n2");
  EXPECT_TRUE(selection.nominated);
  EXPECT_EQ(selection.feasible_count, 1u);
  EXPECT_TRUE(selection.set_filter_notes.empty());
  EXPECT_EQ(scored_, 0);
  EXPECT_TRUE(record_.nominated);
  EXPECT_THAT(record_.best, ElementsAre(selection.node));
  ASSERT_EQ(record_.nodes.size(), 1u);
  EXPECT_EQ(record_.nodes[0].node, selection.node);
}

TEST_F(OwnNomination, ThatFailsIsReportedOnceAndTheOthersAreLookedAt) {
  Show(MakePod("x").Cpu("2").Node("n2"));
  const Selection selection = Select(OurPod("p").Nominated("n2"));
  EXPECT_EQ(cluster_.columns().name[selection.node], "n1");
  EXPECT_FALSE(selection.nominated);
  EXPECT_EQ(selection.diagnosis.rejections.size(), 1u);
}

TEST_F(OwnNomination, ThatIsNoNodeIsPassedOver) {
  EXPECT_EQ(Answer(OurPod("p").Nominated("gone")), "n1");
}

TEST_F(OwnNomination, IsTakenEvenIfPreFilterNamedAnother) {
  builder_.Add<PreFilterHook>("Narrow").pre_filter = [](const Cycle&) {
    return PreFilterResult{{}, std::vector<std::string>{"n1"}, {}};
  };
  EXPECT_EQ(Answer(OurPod("p").Nominated("n2")), "n2");
}

TEST_F(OwnNomination, ThatFailsOutsideOfWhatPreFilterNamedKeepsItsOwnReason) {
  builder_.Add<PreFilterHook>("Narrow").pre_filter = [](const Cycle&) {
    return PreFilterResult{{}, std::vector<std::string>{"n1"}, {}};
  };
  Show(MakeNode("n3").Cpu("2"));
  Show(MakePod("x").Cpu("2").Node("n2"));
  Show(MakePod("y").Cpu("2").Node("n1"));
  EXPECT_EQ(Answer(OurPod("p").Nominated("n2")),
            "0/3 nodes are available: 1 node(s) didn't satisfy plugin(s) [Narrow], "
            "2 Insufficient cpu.");
}

// ---- In the machine ----

class NominationsInTheMachine : public testing::Test {
 protected:
  NominationsInTheMachine() : machine_(Build()) { machine_.Show(MakeNode("n1").Cpu("2")); }
  Profile Build() {
    ProfileBuilder builder;
    AddFit(builder);
    builder.Add<PostFilterHook>("Nominator").post_filter = [](const Cycle& cycle, auto&&...) {
      PostFilterResult result{Rejected("no")};
      if (cycle.facts().priority > 0) result = {{}, "n1"};
      return result;
    };
    return builder.Build();
  }
  Machine machine_;
};

TEST_F(NominationsInTheMachine, OfAnotherSchedulersPodsCount) {
  machine_.Show(MakePod("foreign").Scheduler("other").Cpu("2").Nominated("n1"));
  machine_.Show(OurPod("p"));
  EXPECT_EQ(machine_.One()->node, "");
}

TEST_F(NominationsInTheMachine, ThatAreGivenUpWakeWhoWaitsForTheRoom) {
  const auto foreign = MakePod("foreign").Scheduler("other").Cpu("2");
  machine_.Show(PodBuilder(foreign).Nominated("n1"));
  machine_.Show(OurPod("p"));
  machine_.Run();
  machine_.Pass(absl::Seconds(1));
  machine_.Show(foreign);
  EXPECT_EQ(machine_.One()->node, "n1");
}

TEST_F(NominationsInTheMachine, ThatGoWithTheirPodWakeWhoWaitsForTheRoom) {
  const auto foreign = MakePod("foreign").Scheduler("other").Cpu("2").Nominated("n1");
  machine_.Show(foreign);
  machine_.Show(OurPod("p"));
  machine_.Run();
  machine_.Pass(absl::Seconds(1));
  machine_.Gone(foreign);
  EXPECT_EQ(machine_.One()->node, "n1");
}

TEST_F(NominationsInTheMachine, CountBeforeTheApiShowsThem) {
  machine_.Show(MakePod("big").Cpu("2").Node("n1"));
  machine_.Show(OurPod("first", "2").Priority(1));
  machine_.Run();
  machine_.Gone(MakePod("big").Cpu("2").Node("n1"));
  // The room is for "first", which still backs off.
  machine_.Show(OurPod("second", "2"));
  EXPECT_EQ(machine_.One()->node, "");
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.One()->node, "n1");
}

}  // namespace nominated_pods_test
}  // namespace heat_scheduler
