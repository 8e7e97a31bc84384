// What DefaultPreemption decides, together with the filters that it asks: rows named after those of
// upstream's tests where there is one (TestSelectNodesForPreemption, TestPickOneNodeForPreemption,
// TestPodEligibleToPreemptOthers, TestFilterPodsWithPDBViolation, TestPreempt).
#include "plugins/defaults/default_preemption/default_preemption.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "plugins/defaults/default_binder.h"
#include "plugins/defaults/node_ports.h"
#include "plugins/defaults/node_resources_fit.h"
#include "plugins/defaults/node_unschedulable.h"
#include "plugins/defaults/priority_sort.h"
#include "rapidcheck/gtest.h"
#include "scheduler/core/full_scan.h"
#include "scheduler/core/post_filters.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace default_preemption_test {

Profile MakeProfile(DefaultPreemptionArgs args = {}) {
  std::vector<Profile::Enabled> enabled;
  const auto add = [&](std::unique_ptr<Plugin> plugin) {
    enabled.push_back({.plugin = std::move(plugin)});
  };
  add(std::make_unique<PrioritySort>());
  add(std::make_unique<NodeUnschedulable>());
  add(std::make_unique<NodePorts>());
  add(std::make_unique<NodeResourcesFit>());
  add(std::make_unique<DefaultPreemption>(args));
  add(std::make_unique<DefaultBinder>());
  return *Profile::Create("heat-scheduler", std::move(enabled));
}

// Asks for 1 cpu each, unless said otherwise.
PodBuilder OnNode(const std::string& name, const std::string& node, std::int32_t priority,
                  std::int64_t started = 0) {
  return MakePod(name).Cpu("1").Node(node).Priority(priority).Started(
      absl::FromUnixSeconds(started));
}

class Preempting : public testing::Test {
 protected:
  void Show(const NodeBuilder& node) { cluster_.UpsertNode(node.Ref()); }
  void Show(const PodBuilder& pod) { cluster_.UpsertPod(pod.Ref()); }
  // A budget for pods with the label app=<app>.
  void ShowBudget(const std::string& app, std::int32_t allowed,
                  std::vector<std::string> disrupted = {}) {
    auto budget = std::make_shared<kube::PodDisruptionBudget>();
    budget->metadata.namespace_ = "default";
    budget->metadata.name =
        absl::StrCat(app, "-", cluster_.objects().all<kube::PodDisruptionBudget>().size());
    budget->selector = kube::LabelSelector{{{"app", app}}, {}};
    budget->disruptions_allowed = allowed;
    budget->disrupted_pods = std::move(disrupted);
    cluster_.UpsertObject(kube::Ref<kube::PodDisruptionBudget>(budget));
  }

  PostFilterResult Ask(const PodBuilder& pod) {
    CycleState state;
    const Cycle cycle{
        cluster_, cluster_.UpsertPod(pod.Ref()), state, {absl::FromUnixSeconds(1000), {}}, chance_};
    const Selection selection =
        FullScan(TieRule::kSmallestName, 0).Select(profile_, cycle, 0, nullptr);
    EXPECT_EQ(selection.result, Selection::Result::kUnschedulable);
    RunningPlugin running;
    return RunPostFilters(profile_, cycle, selection.diagnosis, running);
  }

  // Returns "n1: victim victim (1 violating)".
  std::string Text(const PreemptionCandidate& candidate) const {
    std::string text = cluster_.columns().name[candidate.node] + ":";
    for (const PodRecord* victim : candidate.victims)
      absl::StrAppend(&text, " ", victim->facts.name);
    if (candidate.pdb_violations > 0) {
      absl::StrAppend(&text, " (", candidate.pdb_violations, " violating)");
    }
    return text;
  }

  // Returns the chosen candidate, or the message.
  std::string Answer(const PodBuilder& pod) {
    const PostFilterResult result = Ask(pod);
    if (!result.preemption.has_value()) return result.status.Message();
    const PreemptionCandidate& chosen = *result.preemption->candidates[result.preemption->chosen];
    EXPECT_EQ(result.status.code, Code::kSuccess);
    EXPECT_EQ(result.nominated_node_name, cluster_.columns().name[chosen.node]);
    return Text(chosen);
  }

  // Returns all candidates, joined by "; ".
  std::string Candidates(const PodBuilder& pod) {
    const PostFilterResult result = Ask(pod);
    if (!result.preemption.has_value()) return result.status.Message();
    std::string text;
    for (const auto& found : result.preemption->candidates) {
      const PreemptionCandidate& candidate = *found;
      absl::StrAppend(&text, text.empty() ? "" : "; ", Text(candidate));
    }
    return text;
  }

  static PodBuilder Preemptor(const std::string& cpu = "1") {
    return MakePod("p").Cpu(cpu).Priority(10);
  }

  Profile profile_ = MakeProfile();
  ClusterState cluster_;
  std::uint64_t chance_ = 0;
};

// ---- Who may preempt whom ----

TEST_F(Preempting, ALowerPriorityPodHasToGo) {
  Show(MakeNode("n1").Cpu("1"));
  Show(OnNode("low", "n1", 9));
  EXPECT_EQ(Answer(Preemptor()), "n1: low");
}

TEST_F(Preempting, PodsOfEqualPriorityStay) {
  Show(MakeNode("n1").Cpu("1"));
  Show(OnNode("equal", "n1", 10));
  EXPECT_EQ(Answer(Preemptor()),
            "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.");
}

TEST_F(Preempting, NodesThatNoEvictionHelpsAreCounted) {
  Show(MakeNode("cordoned").Cpu("4").Unschedulable());
  Show(MakeNode("mixed").Cpu("3"));
  Show(OnNode("high", "mixed", 11));
  Show(OnNode("high2", "mixed", 11));
  Show(OnNode("low", "mixed", 1));
  Show(MakeNode("small").Cpu("1"));
  Show(MakeNode("taken").Cpu("2"));
  Show(OnNode("high3", "taken", 11));
  EXPECT_EQ(
      Answer(Preemptor("2")),
      "preemption: 0/4 nodes are available: 1 Insufficient cpu, 1 No preemption victims found "
      "for incoming pod, 2 Preemption is not helpful for scheduling.");
}

TEST_F(Preempting, NothingFoundClearsANomination) {
  Show(MakeNode("n1").Cpu("1"));
  EXPECT_EQ(Ask(Preemptor("2")).nominated_node_name, "");
}

TEST_F(Preempting, APodWhosePolicyIsNeverDoesNot) {
  Show(MakeNode("n1").Cpu("1"));
  Show(OnNode("low", "n1", 0));
  EXPECT_EQ(Answer(Preemptor().NeverPreempts()),
            "preemption: not eligible due to preemptionPolicy=Never.");
  EXPECT_EQ(Ask(Preemptor().NeverPreempts()).nominated_node_name, std::nullopt);
}

kube::PodCondition DisruptionTarget(const std::string& status = "True",
                                    const std::string& reason = "PreemptionByScheduler") {
  return {.type = "DisruptionTarget", .status = status, .reason = reason, .message = ""};
}

struct LeavingCase {
  std::string name;
  bool deleting;
  std::optional<kube::PodCondition> condition;
  std::int32_t priority;
  bool waits;
};

class VictimOnTheNominatedNode : public Preempting,
                                 public testing::WithParamInterface<LeavingCase> {};

TEST_P(VictimOnTheNominatedNode, IsWaitedForWhileItLeaves) {
  Show(MakeNode("n1").Cpu("1"));
  PodBuilder victim = OnNode("low", "n1", GetParam().priority);
  if (GetParam().deleting) victim.Deleting(absl::FromUnixSeconds(900));
  if (GetParam().condition) victim.Condition(*GetParam().condition);
  Show(victim);
  const std::string answer = Answer(Preemptor().Nominated("n1"));
  EXPECT_EQ(answer == "preemption: not eligible due to a terminating pod on the nominated node.",
            GetParam().waits)
      << answer;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, VictimOnTheNominatedNode,
    testing::Values(LeavingCase{"Leaving", true, DisruptionTarget(), 1, true},
                    LeavingCase{"NotYetDeleted", false, DisruptionTarget(), 1, false},
                    LeavingCase{"DeletedByOthers", true, std::nullopt, 1, false},
                    LeavingCase{"DisruptedByOthers", true,
                                DisruptionTarget("True", "DeletionByTaintManager"), 1, false},
                    LeavingCase{"ConditionIsFalse", true, DisruptionTarget("False"), 1, false},
                    LeavingCase{"AsImportant", true, DisruptionTarget(), 10, false}),
    [](const auto& row) { return row.param.name; });

TEST_F(Preempting, ANominatedNodeThatIsBeyondHelpIsGivenUp) {
  Show(MakeNode("n1").Cpu("1").Unschedulable());
  Show(OnNode("leaving", "n1", 1).Deleting(absl::UnixEpoch()).Condition(DisruptionTarget()));
  Show(MakeNode("n2").Cpu("1"));
  Show(OnNode("low", "n2", 1));
  EXPECT_EQ(Answer(Preemptor().Nominated("n1")), "n2: low");
  EXPECT_EQ(Answer(Preemptor().Nominated("gone")), "n2: low");
}

// ---- Which pods of a node ----

TEST_F(Preempting, AsFewAsPossibleGoAndTheLeastImportant) {
  Show(MakeNode("n1").Cpu("4"));
  Show(OnNode("a", "n1", 3));
  Show(OnNode("b", "n1", 1));
  Show(OnNode("c", "n1", 2));
  Show(OnNode("d", "n1", 5));
  EXPECT_EQ(Answer(Preemptor("1")), "n1: b");
  EXPECT_EQ(Answer(Preemptor("2")), "n1: c b");
}

TEST_F(Preempting, AmongEqualsTheYoungestGo) {
  Show(MakeNode("n1").Cpu("3"));
  Show(OnNode("old", "n1", 1, 100));
  Show(OnNode("young", "n1", 1, 300));
  Show(OnNode("middle", "n1", 1, 200));
  EXPECT_EQ(Answer(Preemptor("2")), "n1: middle young");
}

TEST_F(Preempting, APodThatHasNotStartedIsTheYoungest) {
  Show(MakeNode("n1").Cpu("2"));
  Show(MakePod("starting").Cpu("1").Node("n1").Priority(1));
  Show(OnNode("young", "n1", 1, 999));
  EXPECT_EQ(Answer(Preemptor()), "n1: starting");
}

TEST_F(Preempting, AnImportantPodIsPutBackThoughALesserOneThenHasToGo) {
  Show(MakeNode("n1").Cpu("4"));
  Show(OnNode("big", "n1", 5).Cpu("2"));
  Show(OnNode("small", "n1", 4));
  Show(OnNode("small2", "n1", 4, 1));
  EXPECT_EQ(Answer(Preemptor("2")), "n1: small small2");
}

TEST_F(Preempting, ALesserPodStaysWhereItIsNotInTheWay) {
  Show(MakeNode("n1").Cpu("4"));
  Show(OnNode("big", "n1", 5).Cpu("3"));
  Show(OnNode("small", "n1", 1).Cpu("500m"));
  EXPECT_EQ(Answer(Preemptor("3")), "n1: big");
}

TEST_F(Preempting, AHostPortIsFreed) {
  Show(MakeNode("n1").Cpu("4"));
  Show(OnNode("user", "n1", 5).Port(80));
  Show(OnNode("other", "n1", 1).Port(81));
  EXPECT_EQ(Answer(Preemptor().Port(80)), "n1: user");
}

TEST_F(Preempting, RoomForNominatedPodsIsLeft) {
  Show(MakeNode("n1").Cpu("3"));
  Show(OnNode("a", "n1", 1));
  Show(OnNode("b", "n1", 2));
  Show(OnNode("c", "n1", 3));
  Show(MakePod("nominated").Cpu("1").Priority(20).Nominated("n1"));
  EXPECT_EQ(Answer(Preemptor()), "n1: b a");
}

// ---- Disruption budgets ----

TEST_F(Preempting, PodsWithABudgetArePutBackFirst) {
  Show(MakeNode("n1").Cpu("2"));
  Show(OnNode("guarded", "n1", 1).Label("app", "db"));
  Show(OnNode("free", "n1", 5));
  ShowBudget("db", 0);
  EXPECT_EQ(Answer(Preemptor()), "n1: free");
}

TEST_F(Preempting, ABudgetThatAllowsItProtectsNobody) {
  Show(MakeNode("n1").Cpu("2"));
  Show(OnNode("guarded", "n1", 1).Label("app", "db"));
  Show(OnNode("free", "n1", 5));
  ShowBudget("db", 1);
  EXPECT_EQ(Answer(Preemptor()), "n1: guarded");
}

TEST_F(Preempting, VictimsOfBothKindsAreInTheOrderOfImportance) {
  Show(MakeNode("n1").Cpu("3"));
  Show(OnNode("guarded", "n1", 4).Label("app", "db"));
  Show(OnNode("high", "n1", 5));
  Show(OnNode("low", "n1", 3));
  ShowBudget("db", 0);
  EXPECT_EQ(Answer(Preemptor("3")), "n1: high guarded low (1 violating)");
}

TEST_F(Preempting, TheMostImportantUseUpABudget) {
  Show(MakeNode("n1").Cpu("2"));
  Show(OnNode("first", "n1", 4).Label("app", "db"));
  Show(OnNode("second", "n1", 3).Label("app", "db"));
  ShowBudget("db", 1);
  // "second" is the one that violates, and so is put back before "first".
  EXPECT_EQ(Answer(Preemptor("1")), "n1: first");
}

TEST_F(Preempting, EveryBudgetOfAPodIsCharged) {
  Show(MakeNode("n1").Cpu("2"));
  Show(OnNode("both", "n1", 4).Label("app", "db").Label("tier", "x"));
  Show(OnNode("one", "n1", 3).Label("app", "db"));
  ShowBudget("db", 1);
  ShowBudget("db", 0);
  EXPECT_EQ(Answer(Preemptor("2")), "n1: both one (2 violating)");
}

TEST_F(Preempting, APodThatIsCountedAsDisruptedDoesNotViolate) {
  Show(MakeNode("n1").Cpu("2"));
  Show(OnNode("known", "n1", 4).Label("app", "db"));
  Show(OnNode("other", "n1", 3).Label("app", "db"));
  ShowBudget("db", 0, {"known"});
  EXPECT_EQ(Answer(Preemptor("2")), "n1: known other (1 violating)");
}

TEST_F(Preempting, ABudgetWithoutSelectorOrOfAnotherNamespaceIsForNobody) {
  Show(MakeNode("n1").Cpu("1"));
  Show(OnNode("low", "n1", 1).Label("app", "db"));
  kube::PodDisruptionBudget budget;
  budget.metadata.namespace_ = "default";
  for (const char* name : {"none", "empty", "elsewhere"}) {
    budget.metadata.name = name;
    cluster_.UpsertObject(std::make_shared<const kube::PodDisruptionBudget>(budget));
    budget.selector.emplace();
    if (std::string(name) == "empty") {
      budget.selector->match_labels = {{"app", "db"}};
      budget.metadata.namespace_ = "other";
    }
  }
  EXPECT_EQ(Answer(Preemptor()), "n1: low");
}

// ---- Which node ----

class Choosing : public Preempting {
 protected:
  Choosing() {
    for (const char* name : {"n1", "n2", "n3"}) Show(MakeNode(name).Cpu("3"));
  }
  // Returns the names of the acceptable nodes.
  std::string Acceptable() {
    const PostFilterResult result = Ask(Preemptor("3"));
    std::string names;
    for (std::size_t i : result.preemption->acceptable) {
      names += cluster_.columns().name[result.preemption->candidates[i]->node] + " ";
    }
    return names;
  }
};

TEST_F(Choosing, FewestViolationsComeFirst) {
  Show(OnNode("a", "n1", 1).Label("app", "db"));
  Show(OnNode("b", "n2", 9));
  Show(OnNode("c", "n3", 1).Label("app", "db"));
  ShowBudget("db", 0);
  EXPECT_EQ(Candidates(Preemptor("3")), "n1: a (1 violating); n2: b; n3: c (1 violating)");
  EXPECT_EQ(Acceptable(), "n2 ");
}

TEST_F(Choosing, ThenTheLeastOfTheHighestPriorities) {
  Show(OnNode("a", "n1", 5));
  Show(OnNode("b", "n2", 4));
  Show(OnNode("b2", "n2", 4));
  Show(OnNode("c", "n3", 6));
  EXPECT_EQ(Acceptable(), "n2 ");
}

TEST_F(Choosing, ThenTheLeastSumOfPriorities) {
  Show(OnNode("a", "n1", 5));
  Show(OnNode("a2", "n1", 3));
  Show(OnNode("b", "n2", 5));
  Show(OnNode("b2", "n2", 2));
  Show(OnNode("c", "n3", 5));
  Show(OnNode("c2", "n3", 4));
  EXPECT_EQ(Acceptable(), "n2 ");
}

TEST_F(Choosing, NegativePrioritiesDoNotMakeMorePodsCheaper) {
  Show(OnNode("a", "n1", -5));
  Show(OnNode("a2", "n1", -5));
  Show(OnNode("b", "n2", -5));
  Show(OnNode("c", "n3", -4));
  EXPECT_EQ(Acceptable(), "n2 ");
}

TEST_F(Choosing, ThenTheLatestStartOfTheFirstOfTheMostImportant) {
  Show(OnNode("a", "n1", 5, 300));
  Show(OnNode("a2", "n1", 5, 100));
  Show(OnNode("b", "n2", 5, 200));
  Show(OnNode("b2", "n2", 5, 250));
  Show(OnNode("c", "n3", 5, 150));
  Show(OnNode("c2", "n3", 5, 999));
  EXPECT_EQ(Acceptable(), "n2 ");
}

TEST_F(Choosing, ThenAllAreAcceptableAndTheSmallestNameIsTaken) {
  for (const char* node : {"n3", "n2", "n1"}) Show(OnNode(absl::StrCat("on-", node), node, 5));
  chance_ = 2;
  EXPECT_EQ(Acceptable(), "n1 n2 n3 ");
  EXPECT_EQ(Answer(Preemptor("3")), "n1: on-n1");
}

// ---- How many nodes ----

TEST_F(Choosing, NoMoreCandidatesThanWantedAreLookedForFromADrawnNodeOn) {
  for (const char* node : {"n1", "n2", "n3"}) Show(OnNode(absl::StrCat("on-", node), node, 5));
  profile_ = MakeProfile({.min_candidate_nodes_percentage = 0, .min_candidate_nodes_absolute = 2});
  EXPECT_EQ(Candidates(Preemptor("3")), "n1: on-n1; n2: on-n2");
  chance_ = 5;
  EXPECT_EQ(Candidates(Preemptor("3")), "n1: on-n1; n3: on-n3");
}

TEST_F(Choosing, TheSearchGoesOnUntilOneViolatesNoBudget) {
  for (const char* node : {"n1", "n2", "n3"}) {
    Show(OnNode(absl::StrCat("on-", node), node, 5).Label("app", node));
  }
  ShowBudget("n1", 0);
  ShowBudget("n2", 0);
  profile_ = MakeProfile({.min_candidate_nodes_percentage = 0, .min_candidate_nodes_absolute = 1});
  EXPECT_EQ(Candidates(Preemptor("3")), "n1: on-n1 (1 violating); n3: on-n3");
}

// ---- Laws ----

// Whatever is found: the state is as it was, the pod fits without the victims, and would not if any
// of them stayed.
RC_GTEST_PROP(DefaultPreemptionLaws, VictimsAreEnoughAndNoneIsTooMuch, ()) {
  const Profile profile = MakeProfile();
  ClusterState cluster;
  const int nodes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < nodes; ++i) {
    cluster.UpsertNode(
        MakeNode(absl::StrCat("n", i)).Cpu(std::to_string(*rc::gen::inRange(1, 9))).Ref());
  }
  const int pods = *rc::gen::inRange(0, 16);
  for (int i = 0; i < pods; ++i) {
    PodBuilder pod = MakePod(absl::StrCat("p", i))
                         .Cpu(std::to_string(*rc::gen::inRange(0, 4)))
                         .Priority(*rc::gen::inRange(0, 12));
    const std::string node = absl::StrCat("n", *rc::gen::inRange(0, nodes));
    if (*rc::gen::inRange(0, 6) == 0) {
      pod.Nominated(node);
    } else {
      pod.Node(node);
    }
    cluster.UpsertPod(pod.Ref());
  }
  const PodRecord& record = cluster.UpsertPod(
      MakePod("new").Cpu(std::to_string(*rc::gen::inRange(1, 6))).Priority(10).Ref());
  const NodeColumns before = cluster.columns();
  const std::uint64_t sequence = cluster.sequence();
  CycleState state;
  const Cycle cycle{cluster, record, state, {}, *rc::gen::arbitrary<std::uint64_t>()};
  FullScan scan(TieRule::kSmallestName, 0);
  const Selection selection = scan.Select(profile, cycle, 0);
  if (selection.result != Selection::Result::kUnschedulable) return;
  RunningPlugin running;
  const PostFilterResult result = RunPostFilters(profile, cycle, selection.diagnosis, running);
  RC_ASSERT(cluster.sequence() == sequence);
  RC_ASSERT(cluster.columns().pods == before.pods);
  RC_ASSERT(cluster.columns().requested == before.requested);
  RC_ASSERT(cluster.columns().nonzero_milli_cpu == before.nonzero_milli_cpu);
  RC_ASSERT(cluster.columns().changed_at == before.changed_at);
  if (!result.preemption.has_value()) return;
  for (const auto& found : result.preemption->candidates) {
    const PreemptionCandidate& candidate = *found;
    const auto fits_on_it = [&] {
      CycleState again;
      const Selection second = scan.Select(profile, {cluster, record, again, {}}, 0);
      return !second.diagnosis.rejections.Find(candidate.node).has_value();
    };
    for (std::size_t kept = 0; kept <= candidate.victims.size(); ++kept) {
      ClusterState::WhatIf what_if(cluster, candidate.node);
      for (std::size_t i = 0; i < candidate.victims.size(); ++i) {
        if (i != kept) what_if.Remove(*candidate.victims[i]);
      }
      RC_ASSERT(fits_on_it() == (kept == candidate.victims.size()));
    }
  }
}

}  // namespace default_preemption_test
}  // namespace heat_scheduler
