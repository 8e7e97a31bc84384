// G11: histories made by hand in which somebody is made to leave who need not be, or room that is
// kept for one is given to another; and near misses.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/faults/story.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace preemption_checks_test {

PodBuilder Ours(std::string_view name, std::string_view cpu, std::int32_t priority = 0) {
  return MakePod(name).Scheduler("heat-scheduler").Cpu(cpu).Priority(priority);
}
NodeBuilder Small(std::string_view name) { return MakeNode(name).Cpu("1").Memory("1Gi"); }

// A budget for pods with the label tier=web.
kube::PodDisruptionBudget Budget(std::int32_t allowed) {
  kube::PodDisruptionBudget budget;
  budget.metadata.namespace_ = "default";
  budget.metadata.name = "web";
  budget.selector.emplace().match_labels["tier"] = "web";
  budget.disruptions_allowed = allowed;
  return budget;
}

struct Case {
  std::string name;
  std::function<void(Story&)> tell;
  std::string broken;  // As Story::Broken.
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

class G11 : public testing::TestWithParam<Case> {};

TEST_P(G11, IsJudged) {
  Story story;
  GetParam().tell(story);
  EXPECT_EQ(story.Broken(), GetParam().broken) << story.FirstReport();
}

std::string NameOf(const testing::TestParamInfo<Case>& info) { return info.param.name; }

// Node n is full of the pod "low"; the pod "high" has no room.
Story& Full(Story& story) {
  story.Put(Small("n")).Put(Ours("low", "800m")).DecideAndBind("low", "n");
  return story.Put(Ours("high", "800m", 10));
}

// ---- Who may be made to leave ----

std::vector<Case> VictimCases() {
  return {
      {"ALessImportantPodLeaves", [](Story& s) { Full(s).Preempt("high", "n", {"low"}); }, ""},
      {"APodThatIsNoLessImportant",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("peer", "800m", 10)).DecideAndBind("peer", "n");
         s.Put(Ours("high", "800m", 10)).Preempt("high", "n", {"peer"});
       },
       "G11"},
      {"ForAPodThatNeverPreempts",
       [](Story& s) {
         Full(s).Put(Ours("shy", "800m", 10).NeverPreempts()).Preempt("shy", "n", {"low"});
       },
       "G11"},
      {"APodThatIsNotThere",
       [](Story& s) {
         Full(s).Put(Small("m")).Put(Ours("far", "800m")).DecideAndBind("far", "m");
         s.Preempt("high", "n", {"low", "far"});
       },
       "G11"},
      {"APodThatIsGone", [](Story& s) { Full(s).DeletePod("low").Preempt("high", "n", {"low"}); },
       "G3 G11"},
      {"APodThatGoesUnknownToUs",
       [](Story& s) { Full(s).StopTelling().DeletePod("low").Preempt("high", "n", {"low"}); }, ""},
      {"OnANodeThatIsGone", [](Story& s) { Full(s).DeleteNode("n").Preempt("high", "n", {"low"}); },
       "G11"},
      {"APodThatWasSentThereAndIsNotSeenYet",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("low", "800m")).Put(Ours("high", "800m", 10));
         s.Decide("low", "n");
         s.Preempt("high", "n", {"low"});
       },
       ""},
      {"WhereThatDoesNotHelp",
       [](Story& s) { Full(s).Put(Ours("huge", "2", 10)).Preempt("huge", "n", {"low"}); }, "G11"},
      {"WhereTheNodeIsForbidden",
       [](Story& s) { Full(s).Put(Small("n").Taint("k")).Preempt("high", "n", {"low"}); }, "G11"},
      {"MoreThanHaveTo",
       [](Story& s) {
         Full(s).Put(Ours("tiny", "100m")).DecideAndBind("tiny", "n");
         s.Preempt("high", "n", {"low", "tiny"});
       },
       "G11"},
      {"AsManyAsHaveTo",
       [](Story& s) {
         Full(s).Put(Ours("tiny", "200m")).DecideAndBind("tiny", "n");
         s.Put(Ours("large", "1", 10)).Preempt("large", "n", {"low", "tiny"});
       },
       ""},
      {"ThoughTheNominatedNodeIsStillBeingLeft",
       [](Story& s) {
         Full(s).Evict("low", (s.Mark("low"), s.Preempt("high", "n", {"low"})));
         s.Nominate("high", "n").Put(Small("m")).Put(Ours("low2", "800m"));
         s.DecideAndBind("low2", "m").Preempt("high", "m", {"low2"});
       },
       "G11"},
      {"OnceTheNominatedNodeCannotBeUsed",
       [](Story& s) {
         Full(s).Evict("low", (s.Mark("low"), s.Preempt("high", "n", {"low"})));
         s.Nominate("high", "n").Put(Small("m")).Put(Ours("low2", "800m"));
         s.Put(Small("n").Taint("k")).DecideAndBind("low2", "m").Preempt("high", "m", {"low2"});
       },
       ""},
  };
}
INSTANTIATE_TEST_SUITE_P(Victims, G11, testing::ValuesIn(VictimCases()), NameOf);

// ---- Disruption budgets ----

// "web" is protected if the budget allows nothing; "bare" is nobody's.
Story& WithBudget(Story& story, std::int32_t allowed) {
  story.Put(Budget(allowed)).Put(Small("n"));
  story.Put(Ours("web", "500m").Label("tier", "web")).DecideAndBind("web", "n");
  story.Put(Ours("bare", "500m")).DecideAndBind("bare", "n");
  return story.Put(Ours("high", "500m", 10));
}

std::vector<Case> BudgetCases() {
  return {
      {"AProtectedPodThoughAnotherIsEnough",
       [](Story& s) { WithBudget(s, 0).Preempt("high", "n", {"web"}); }, "G11"},
      {"TheUnprotectedPod", [](Story& s) { WithBudget(s, 0).Preempt("high", "n", {"bare"}); }, ""},
      {"APodWhoseBudgetAllowsIt", [](Story& s) { WithBudget(s, 1).Preempt("high", "n", {"web"}); },
       ""},
      {"AProtectedPodWhereNoOtherIsEnough",
       [](Story& s) {
         WithBudget(s, 0).Put(Ours("large", "1", 10)).Preempt("large", "n", {"web", "bare"});
       },
       ""},
      {"AProtectedPodThoughAnotherNodeHasNone",
       [](Story& s) {
         WithBudget(s, 0).Put(Small("m")).Put(Ours("other", "1")).DecideAndBind("other", "m");
         s.Put(Ours("large", "1", 10)).Preempt("large", "n", {"web", "bare"});
       },
       "G11"},
      {"AProtectedPodBeforeTheBudgetIsKnown",
       [](Story& s) {
         s.Put(Small("n"));
         s.Put(Ours("web", "500m").Label("tier", "web")).DecideAndBind("web", "n");
         s.Put(Ours("bare", "500m")).DecideAndBind("bare", "n").Put(Ours("high", "500m", 10));
         s.StopTelling().Put(Budget(0)).Preempt("high", "n", {"web"});
       },
       ""},
  };
}
INSTANTIATE_TEST_SUITE_P(Budgets, G11, testing::ValuesIn(BudgetCases()), NameOf);

// ---- What we delete ----

std::vector<Case> DeletionCases() {
  return {
      {"OfAMarkedVictim",
       [](Story& s) {
         const std::size_t decision = Full(s).Preempt("high", "n", {"low"});
         s.Mark("low").Evict("low", decision);
       },
       ""},
      {"OfAMarkedVictimTwice",
       [](Story& s) {
         const std::size_t decision = Full(s).Preempt("high", "n", {"low"});
         s.Mark("low").Evict("low", decision).Evict("low", decision);
       },
       ""},
      {"WithoutADecision", [](Story& s) { Full(s).Mark("low").Evict("low", 0); }, "G11"},
      {"ByADecisionAboutAnother",
       [](Story& s) {
         const std::size_t decision = Full(s).Preempt("high", "n", {"low"});
         s.Put(Ours("bystander", "100m")).DecideAndBind("bystander", "n");
         s.Mark("bystander").Evict("bystander", decision);
       },
       "G11"},
      {"OfThePodThatWasCreatedUnderTheVictimsName",
       [](Story& s) {
         const std::size_t decision = Full(s).Preempt("high", "n", {"low"});
         s.DeletePod("low").Put(Ours("low", "800m").Uid("new")).DecideAndBind("low", "n");
         s.Mark("low").Evict("low", decision);
       },
       "G11"},
      {"OfAVictimThatWasNotMarked",
       [](Story& s) { Full(s).Evict("low", s.Preempt("high", "n", {"low"})); }, "G11"},
  };
}
INSTANTIATE_TEST_SUITE_P(Deletion, G11, testing::ValuesIn(DeletionCases()), NameOf);

// ---- Room that is kept ----

// Room on n is kept for "high"; nobody is there.
Story& Kept(Story& story) {
  story.Put(Small("n")).Put(Ours("high", "800m", 10));
  return story.Nominate("high", "n");
}

std::vector<Case> RoomCases() {
  return {
      {"IsGivenToALessImportantPod",
       [](Story& s) { Kept(s).Put(Ours("low", "300m")).DecideAndBind("low", "n"); }, "G11"},
      {"IsGivenToAPodOfTheSameImportance",
       [](Story& s) { Kept(s).Put(Ours("peer", "300m", 10)).DecideAndBind("peer", "n"); }, "G11"},
      {"IsGivenToAMoreImportantPod",
       [](Story& s) { Kept(s).Put(Ours("top", "300m", 20)).DecideAndBind("top", "n"); }, ""},
      {"IsGivenToItsPod", [](Story& s) { Kept(s).DecideAndBind("high", "n"); }, ""},
      {"IsNotNeeded", [](Story& s) { Kept(s).Put(Ours("low", "200m")).DecideAndBind("low", "n"); },
       ""},
      {"IsARefusalsReason",
       [](Story& s) {
         Kept(s).Put(Ours("low", "300m"));
         s.Decide("low", "");
       },
       ""},
      {"IsNoReasonForAMoreImportantPod",
       [](Story& s) {
         Kept(s).Put(Ours("top", "300m", 20));
         s.Decide("top", "");
       },
       "G3"},
      {"IsStillKeptAtTheEnd",
       [](Story& s) {
         Kept(s).Settled({{"high", QueuePlace::kUnschedulable}}, {{"n", {}}});
       },
       "G7"},
  };
}
INSTANTIATE_TEST_SUITE_P(Room, G11, testing::ValuesIn(RoomCases()), NameOf);

}  // namespace preemption_checks_test
}  // namespace heat_scheduler
