// The checker is only worth what it rejects: for each guarantee, histories made by hand that break
// it, and beside each a near miss that does not.
#include "tests/faults/invariants.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/faults/story.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace invariants_test {

PodBuilder Ours(std::string_view name) { return MakePod(name).Scheduler("heat-scheduler"); }
PodBuilder Foreign(std::string_view name) { return MakePod(name).Scheduler("other"); }
NodeBuilder Small(std::string_view name) { return MakeNode(name).Cpu("1").Memory("1Gi"); }

struct Case {
  std::string name;
  std::function<void(Story&)> tell;
  std::string broken;  // As Story::Broken.
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

class Invariants : public testing::TestWithParam<Case> {};

TEST_P(Invariants, AreJudged) {
  Story story;
  GetParam().tell(story);
  EXPECT_EQ(story.Broken(), GetParam().broken) << story.FirstReport();
}

std::string NameOf(const testing::TestParamInfo<Case>& info) { return info.param.name; }

// ---- G1: no overcommit because of our bind ----

// Two pods of 600m each and one node of one cpu.
Story& TwoHalves(Story& story) {
  return story.Put(Small("n")).Put(Ours("a").Cpu("600m")).Put(Ours("b").Cpu("600m"));
}

std::vector<Case> G1Cases() {
  return {
      {"CpuIsOvercommittedByOurTwoPods",
       [](Story& s) { TwoHalves(s).DecideAndBind("a", "n").DecideAndBind("b", "n"); }, "G1"},
      {"TheSecondWasDecidedBeforeTheFirstWasSeen",
       [](Story& s) {
         TwoHalves(s).StopTelling();
         const std::size_t a = s.Decide("a", "n");
         const std::size_t b = s.Decide("b", "n");
         s.Bind("a", "n", a).Bind("b", "n", b);
       },
       "G1"},
      {"TheSecondBindIsAcceptedFirst",
       [](Story& s) {
         TwoHalves(s);
         const std::size_t a = s.Decide("a", "n");
         const std::size_t b = s.Decide("b", "n");
         s.Bind("b", "n", b).Bind("a", "n", a);
       },
       "G1"},
      {"OnlyOneOfTheTwoBindsIsAccepted",
       [](Story& s) {
         TwoHalves(s);
         s.Decide("a", "n");
         s.Bind("b", "n", s.Decide("b", "n"));
       },
       ""},
      {"TheTwoFitExactly",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a").Cpu("600m")).Put(Ours("b").Cpu("400m"));
         s.DecideAndBind("a", "n").DecideAndBind("b", "n");
       },
       ""},
      {"TheFirstHadEnded",
       [](Story& s) { TwoHalves(s).DecideAndBind("a", "n").End("a").DecideAndBind("b", "n"); }, ""},
      {"TheFirstWasOnlyBeingDeleted",
       [](Story& s) {
         TwoHalves(s).DecideAndBind("a", "n");
         kube::Pod leaving = Ours("a").Cpu("600m").Node("n").Deleting(absl::UnixEpoch());
         s.Put(leaving).DecideAndBind("b", "n");
       },
       "G1"},
      {"TheFirstWasGone",
       [](Story& s) {
         TwoHalves(s).DecideAndBind("a", "n").DeletePod("a").DecideAndBind("b", "n");
       },
       ""},
      {"AForeignPodThatWasKnownIsIgnored",
       [](Story& s) {
         s.Put(Small("n")).Put(Foreign("f").Memory("1Gi")).BindForeign("f", "n");
         s.Put(Ours("a").Memory("1Mi")).DecideAndBind("a", "n");
       },
       "G1"},
      {"AForeignPodCameUnknownToUs",
       [](Story& s) {
         s.Put(Small("n")).Put(Foreign("f").Memory("1Gi")).Put(Ours("a").Memory("1Mi"));
         s.StopTelling().BindForeign("f", "n").DecideAndBind("a", "n");
       },
       ""},
      {"AnOvercommittedNodeTakesAPodThatAsksForNothingOfIt",
       [](Story& s) {
         s.Put(Small("n")).Put(Foreign("f").Cpu("2")).BindForeign("f", "n");
         s.Put(Ours("a").Memory("1Mi")).DecideAndBind("a", "n");
       },
       ""},
      {"TheNodeHadShrunk",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a").Cpu("600m")).Put(Small("n").Cpu("500m"));
         s.DecideAndBind("a", "n");
       },
       "G1"},
      {"TheNodeShrinksUnknownToUs",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a").Cpu("600m")).StopTelling().Put(Small("n").Cpu("500m"));
         s.DecideAndBind("a", "n");
       },
       ""},
      {"EphemeralStorageIsOvercommitted",
       [](Story& s) {
         s.Put(Small("n").Resource("ephemeral-storage", "1Gi"));
         s.Put(Ours("a").Request("ephemeral-storage", "2Gi")).DecideAndBind("a", "n");
       },
       "G1"},
      {"AnExtendedResourceIsOvercommitted",
       [](Story& s) {
         s.Put(Small("n").Resource("example.com/gpu", "1"));
         s.Put(Ours("a").Request("example.com/gpu", "1")).DecideAndBind("a", "n");
         s.Put(Ours("b").Request("example.com/gpu", "1")).DecideAndBind("b", "n");
       },
       "G1"},
      {"TooManyPods",
       [](Story& s) {
         s.Put(Small("n").Pods(1)).Put(Ours("a")).Put(Ours("b"));
         s.DecideAndBind("a", "n").DecideAndBind("b", "n");
       },
       "G1"},
      {"AHostPortIsTaken",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a").Port(80)).Put(Ours("b").Port(80));
         s.DecideAndBind("a", "n").DecideAndBind("b", "n");
       },
       "G1"},
      {"TheSamePortOfAnotherProtocol",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a").Port(80)).Put(Ours("b").Port(80, "UDP"));
         s.DecideAndBind("a", "n").DecideAndBind("b", "n");
       },
       ""},
      {"PodsOfAVanishedNodeCountWhenItIsBack",
       [](Story& s) {
         TwoHalves(s).DecideAndBind("a", "n").DeleteNode("n").Put(Small("n").Uid("other"));
         s.DecideAndBind("b", "n");
       },
       "G1"},
      {"ThePreviousInstancesBindArrivesLate",
       [](Story& s) {
         TwoHalves(s);
         const std::size_t a = s.Decide("a", "n");
         s.Restart();
         s.DecideAndBind("b", "n").Bind("a", "n", a);
       },
       ""},
      {"ThePreviousInstancesBindWasKnown",
       [](Story& s) { TwoHalves(s).DecideAndBind("a", "n").Restart().DecideAndBind("b", "n"); },
       "G1"},
  };
}
INSTANTIATE_TEST_SUITE_P(G1, Invariants, testing::ValuesIn(G1Cases()), NameOf);

// ---- G2: no double and no wrong bind ----

std::vector<Case> G2Cases() {
  return {
      {"BoundTwiceToTheSameNode",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a"));
         const std::size_t a = s.Decide("a", "n");
         s.Bind("a", "n", a).Bind("a", "n", a);
       },
       "G2"},
      {"MovedToAnotherNode",
       [](Story& s) {
         s.Put(Small("n")).Put(Small("m")).Put(Ours("a"));
         const std::size_t first = s.Decide("a", "n");
         const std::size_t second = s.Decide("a", "m");
         s.Bind("a", "n", first).Bind("a", "m", second);
       },
       "G2"},
      {"DecidedTwiceBoundOnce",
       [](Story& s) {
         s.Put(Small("n")).Put(Small("m")).Put(Ours("a"));
         s.Decide("a", "n");
         s.DecideAndBind("a", "m");
       },
       ""},
      {"ARecreatedPodGetsTheBindOfTheOldOne",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a"));
         const std::size_t old = s.Decide("a", "n");
         s.DeletePod("a").Put(Ours("a").Uid("new")).Bind("a", "n", old);
       },
       "G2"},
      {"BoundElsewhereThanDecided",
       [](Story& s) {
         s.Put(Small("n")).Put(Small("m")).Put(Ours("a"));
         s.Bind("a", "m", s.Decide("a", "n"));
       },
       "G2"},
      {"BoundWithoutADecision",
       [](Story& s) { s.Put(Small("n")).Put(Ours("a")).Bind("a", "n", 0); }, "G2"},
      {"ARecreatedPodIsDecidedAgain",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).DecideAndBind("a", "n").DeletePod("a");
         s.Put(Ours("a").Uid("new")).DecideAndBind("a", "n");
       },
       ""},
      {"TheNodeWasGone",
       [](Story& s) { s.Put(Small("n")).DeleteNode("n").Put(Ours("a")).DecideAndBind("a", "n"); },
       "G2"},
      {"TheNodeGoesUnknownToUs",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).StopTelling().DeleteNode("n").DecideAndBind("a", "n");
       },
       ""},
      {"TheNodeWasCordoned",
       [](Story& s) { s.Put(Small("n").Unschedulable()).Put(Ours("a")).DecideAndBind("a", "n"); },
       "G2"},
      {"TheCordonIsTolerated",
       [](Story& s) {
         s.Put(Small("n").Unschedulable());
         s.Put(Ours("a").TolerateKey("node.kubernetes.io/unschedulable"));
         s.DecideAndBind("a", "n");
       },
       ""},
      {"TheTaintIsNotTolerated",
       [](Story& s) { s.Put(Small("n").Taint("k")).Put(Ours("a")).DecideAndBind("a", "n"); }, "G2"},
      {"TheTaintIsTolerated",
       [](Story& s) {
         s.Put(Small("n").Taint("k")).Put(Ours("a").TolerateKey("k")).DecideAndBind("a", "n");
       },
       ""},
      {"ASoftTaintForbidsNothing",
       [](Story& s) {
         s.Put(Small("n").Taint("k", "", kube::TaintEffect::kPreferNoSchedule));
         s.Put(Ours("a")).DecideAndBind("a", "n");
       },
       ""},
      {"TheNodeSelectorDoesNotMatch",
       [](Story& s) {
         s.Put(Small("n").Label("disk", "hdd")).Put(Ours("a").NodeSelector("disk", "ssd"));
         s.DecideAndBind("a", "n");
       },
       "G2"},
      {"ThePodIsGated",
       [](Story& s) { s.Put(Small("n")).Put(Ours("a").Gate("g")).DecideAndBind("a", "n"); }, "G2"},
      {"ThePodIsAnothersToPlace",
       [](Story& s) { s.Put(Small("n")).Put(Foreign("a")).DecideAndBind("a", "n"); }, "G2"},
      {"ThePodWasGone",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).DeletePod("a");
         s.Decide("a", "n");
       },
       "G2"},
      {"ThePodGoesUnknownToUs",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).StopTelling().DeletePod("a");
         s.Decide("a", "n");
       },
       ""},
      {"ThePodWasBoundAlready",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).BindForeign("a", "n");
         s.Decide("a", "n");
       },
       "G2"},
  };
}
INSTANTIATE_TEST_SUITE_P(G2, Invariants, testing::ValuesIn(G2Cases()), NameOf);

// ---- G3: no lost pod ----

constexpr QueuePlace kActive = QueuePlace::kActive;
constexpr QueuePlace kBackoff = QueuePlace::kBackoff;
constexpr QueuePlace kUnschedulable = QueuePlace::kUnschedulable;
constexpr QueuePlace kGated = QueuePlace::kGated;
constexpr QueuePlace kInFlight = QueuePlace::kInFlight;

// A pod that fits nowhere until its node has grown.
Story& TooBig(Story& story) {
  story.Put(Small("n")).Put(Ours("a").Cpu("2"));
  story.Decide("a", "");
  return story;
}

std::vector<Case> G3Cases() {
  return {
      {"APodIsInNoQueue",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).Put(Ours("b")).Queues({{"a", kActive}});
       },
       "G3"},
      {"APodIsInTwoQueues",
       [](Story& s) {
         s.Put(Ours("a")).Queues({{"a", kBackoff}, {"a", kActive}});
       },
       "G3"},
      {"EachPodIsInOneQueue",
       [](Story& s) {
         s.Put(Ours("a")).Put(Ours("b").Gate("g")).Put(Foreign("f"));
         s.Queues({{"a", kActive}, {"b", kGated}});
       },
       ""},
      {"APodThatWasNotToldOfIsInNoQueue",
       [](Story& s) { s.StopTelling().Put(Ours("a")).Queues({}); }, ""},
      {"AGatedPodIsActive",
       [](Story& s) {
         s.Put(Ours("a").Gate("g")).Queues({{"a", kActive}});
       },
       "G3"},
      {"AnUngatedPodStaysGated",
       [](Story& s) {
         s.Put(Ours("a").Gate("g")).Queues({{"a", kGated}}).Put(Ours("a")).Queues({{"a", kGated}});
       },
       "G3"},
      {"ADeletedPodStaysQueued",
       [](Story& s) {
         s.Put(Ours("a")).DeletePod("a").Queues({{"a", kUnschedulable}});
       },
       "G3"},
      {"ABoundPodAwaitsItsReply",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).DecideAndBind("a", "n").Queues({{"a", kInFlight}});
       },
       ""},
      {"ABoundPodIsNotYetSeenBound",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).StopTelling().DecideAndBind("a", "n").Queues({});
       },
       ""},
      {"APodIsTurnedAwayThoughItFits",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a").Cpu("1"));
         s.Decide("a", "");
       },
       "G3"},
      {"APodIsTurnedAwayForOneThatWasDecidedBefore",
       [](Story& s) {
         TwoHalves(s).Decide("a", "n");
         s.Decide("b", "");
       },
       ""},
      {"APodThatBecameFeasibleIsNotTried",
       [](Story& s) {
         TooBig(s).Put(Small("n").Cpu("4")).Queues({{"a", kUnschedulable}});
         s.Queues({{"a", kUnschedulable}}, absl::Seconds(12));
       },
       "G3"},
      {"APodThatBecameFeasibleStillHasTime",
       [](Story& s) {
         TooBig(s).Put(Small("n").Cpu("4")).Queues({{"a", kUnschedulable}});
         s.Queues({{"a", kUnschedulable}}, absl::Seconds(10));
       },
       ""},
      {"APodThatFitsNowhereIsLeftAlone",
       [](Story& s) {
         TooBig(s).Queues({{"a", kUnschedulable}});
         s.Queues({{"a", kUnschedulable}}, absl::Minutes(10));
       },
       ""},
      {"APodFitsOnlyWhereNobodyToldUs",
       [](Story& s) {
         TooBig(s).StopTelling().Put(Small("n").Cpu("4")).Queues({{"a", kUnschedulable}});
         s.Queues({{"a", kUnschedulable}}, absl::Minutes(1));
       },
       ""},
      {"APodIsTriedInTime",
       [](Story& s) {
         TooBig(s).Put(Small("n").Cpu("4")).Queues({{"a", kBackoff}}, absl::Seconds(9));
         s.Decide("a", "n");
         s.Queues({{"a", kBackoff}}, absl::Seconds(9));
       },
       ""},
  };
}
INSTANTIATE_TEST_SUITE_P(G3, Invariants, testing::ValuesIn(G3Cases()), NameOf);

// ---- G5: the same across a restart ----

std::vector<Case> G5Cases() {
  return {
      {"APodIsLostInARestart",
       [](Story& s) { s.Put(Small("n")).Put(Ours("a")).Restart().Queues({}); }, "G5"},
      {"APodIsNotTriedAfterARestart",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a"));
         s.Decide("a", "n");
         s.Restart()
             .Queues({{"a", kUnschedulable}})
             .Queues({{"a", kUnschedulable}}, absl::Seconds(12));
       },
       "G5"},
      {"APodThatCameAfterTheRestartIsLost", [](Story& s) { s.Restart().Put(Ours("a")).Queues({}); },
       "G3"},
      {"APodIsFoundAgainAfterARestart",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a"));
         s.Decide("a", "n");
         s.Restart().Queues({{"a", kActive}}).DecideAndBind("a", "n").Queues({});
       },
       ""},
  };
}
INSTANTIATE_TEST_SUITE_P(G5, Invariants, testing::ValuesIn(G5Cases()), NameOf);

// ---- G7: the end is one that a run without faults allows ----

std::vector<Case> G7Cases() {
  return {
      {"APodThatFitsIsLeft",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).Settled({{"a", kUnschedulable}}, {{"n", {}}});
       },
       "G7"},
      {"APodThatFitsNowhereIsLeft",
       [](Story& s) {
         TooBig(s).Settled({{"a", kUnschedulable}}, {{"n", {}}});
       },
       ""},
      {"AGatedPodIsLeft",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a").Gate("g")).Settled({{"a", kGated}}, {{"n", {}}});
       },
       ""},
      {"ABindIsStillUnderWay",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).DecideAndBind("a", "n");
         s.Settled({{"a", kInFlight}}, {{"n", {"a"}}});
       },
       "G7"},
      {"AGonePodStillCounts",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).DecideAndBind("a", "n").DeletePod("a");
         s.Settled({}, {{"n", {"a"}}});
       },
       "G7"},
      {"AForeignPodDoesNotCount",
       [](Story& s) {
         s.Put(Small("n")).Put(Foreign("f")).BindForeign("f", "n").Settled({}, {{"n", {}}});
       },
       "G7"},
      {"AnEndedPodDoesNotCount",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).DecideAndBind("a", "n").End("a");
         s.Settled({}, {{"n", {}}});
       },
       ""},
      {"AGoneNodeIsStillKnown",
       [](Story& s) {
         s.Put(Small("n")).DeleteNode("n").Settled({}, {{"n", {}}});
       },
       "G7"},
      {"ANodeIsUnknown", [](Story& s) { s.Put(Small("n")).Settled({}, {}); }, "G7"},
      {"AllIsAsItShouldBe",
       [](Story& s) {
         s.Put(Small("n")).Put(Ours("a")).DecideAndBind("a", "n").Settled({}, {{"n", {"a"}}});
       },
       ""},
  };
}
INSTANTIATE_TEST_SUITE_P(G7, Invariants, testing::ValuesIn(G7Cases()), NameOf);

}  // namespace invariants_test
}  // namespace heat_scheduler
