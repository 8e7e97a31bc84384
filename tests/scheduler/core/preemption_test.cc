// Making others leave for a pod, from the PostFilter that says who has to go to the pod's next
// attempt.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace preemption_test {

using testing::ElementsAre;
using testing::IsEmpty;
using Lines = Machine::Lines;

class Preemption : public testing::Test {
 protected:
  Preemption() : machine_(Build()) {
    machine_.Show(MakeNode("n1").Cpu("2"));
    machine_.Show(Victim("v1"));
    machine_.Show(Victim("v2"));
  }
  // Everything of lower priority on the node has to go for a pod with a priority.
  Profile Build() {
    ProfileBuilder builder;
    AddFit(builder);
    builder.Add<PermitHook>("Permit").permit = [](const Cycle& cycle, NodeId) {
      if (cycle.facts().name != "waiting") return StepResult{};
      return StepResult{{Code::kWait, {}, ""}, {{}, cycle.now.mono + absl::Hours(1)}};
    };
    builder.Add<PreFilterHook>("Claims").pre_filter = [this](const Cycle&) {
      PreFilterResult result;
      if (claims_are_gone_) result.status = {Code::kUnschedulableAndUnresolvable, {"no claim"}, ""};
      return result;
    };
    builder.Add<PostFilterHook>("Preempt").post_filter = [this](const Cycle& cycle, auto&&...) {
      if (claims_are_gone_) return PostFilterResult{{Code::kError, {"not found"}, ""}};
      if (cycle.facts().priority == 0) return PostFilterResult{Rejected("no")};
      const NodeId node = cycle.cluster.FindNode("n1");
      PreemptionCandidate candidate{node, {}, 0};
      for (const PodRecord* pod : cycle.cluster.columns().pods[node]) {
        if (pod->facts.priority < cycle.facts().priority) candidate.victims.push_back(pod);
      }
      if (candidate.victims.empty()) return PostFilterResult{Rejected("no victims"), ""};
      const auto found = std::make_shared<const PreemptionCandidate>(std::move(candidate));
      return PostFilterResult{{}, "n1", heat_scheduler::Preemption{{found}, 0, {0}}};
    };
    return builder.Build();
  }
  static PodBuilder Victim(const std::string& name) { return MakePod(name).Cpu("1").Node("n1"); }
  static PodBuilder Leaving(const std::string& name) {
    return Victim(name).Deleting(absl::UnixEpoch());
  }
  static PodBuilder Preemptor(const std::string& name = "p", std::int32_t priority = 10) {
    return OurPod(name, "2").Priority(priority);
  }
  // Shows the preemptor and lets it preempt.
  std::optional<Attempt> Preempt() {
    machine_.Show(Preemptor());
    return machine_.One();
  }

  bool claims_are_gone_ = false;
  Machine machine_;
};

TEST_F(Preemption, NominatesThenEvicts) {
  const auto attempt = Preempt();
  const std::string message = "0/1 nodes are available: 1 Insufficient cpu.";
  EXPECT_THAT(
      machine_.Effects(),
      ElementsAre(
          "status default/p Unschedulable: " + message + " nominated=n1",
          "event default/p Warning FailedScheduling Scheduling: " + message,
          "evict default/v1 for default/p: heat-scheduler: preempting to accommodate a higher "
          "priority pod",
          "evict default/v2 for default/p: heat-scheduler: preempting to accommodate a higher "
          "priority pod"));
  EXPECT_EQ(attempt->preempts_on, "n1");
  EXPECT_EQ(attempt->victims.size(), 2u);
  EXPECT_EQ(machine_.Places(), "0/0/0/0/1");
}

TEST_F(Preemption, IsToldOfOnceItIsAccepted) {
  Preempt();
  machine_.Effects();
  machine_.Evicted("v2", "p");
  EXPECT_THAT(machine_.Effects(),
              ElementsAre("event default/v2 Normal Preempted Preempting: Preempted by pod "
                          "default-p-uid on node n1"));
  machine_.Evicted("v2", "p");
  EXPECT_THAT(machine_.Effects(), IsEmpty());
}

TEST_F(Preemption, KeepsThePodUntilAllVictimsAreSeenLeaving) {
  Preempt();
  machine_.Evicted("v1", "p");
  machine_.Evicted("v2", "p");
  machine_.Show(Leaving("v1"));
  EXPECT_EQ(machine_.Places(), "0/0/0/0/1");
  machine_.Show(Leaving("v2"));
  EXPECT_EQ(machine_.Places(), "0/0/1/0/0");
}

TEST_F(Preemption, LetsThePodInWhenTheRoomIsThere) {
  Preempt();
  for (const char* name : {"v1", "v2"}) {
    machine_.Evicted(name, "p");
    machine_.Show(Leaving(name));
  }
  EXPECT_THAT(machine_.Run(), IsEmpty());
  machine_.Gone(Victim("v1"));
  machine_.Gone(Victim("v2"));
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.One()->node, "n1");
}

TEST_F(Preemption, AVictimThatWentByItselfIsNotWaitedFor) {
  Preempt();
  machine_.Gone(Victim("v1"));
  machine_.Gone(Victim("v2"));
  machine_.Evicted("v1", "p");
  machine_.Evicted("v2", "p");
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.One()->node, "n1");
}

TEST_F(Preemption, AVictimThatWentByItselfIsNotToldOf) {
  Preempt();
  machine_.Effects();
  machine_.Evicted("v1", "p", EvictReply::Outcome::kGone);
  EXPECT_THAT(machine_.Effects(), IsEmpty());
  machine_.Evicted("v2", "p");
  machine_.Show(Leaving("v2"));
  EXPECT_EQ(machine_.Places(), "0/0/0/0/1") << "the watch has yet to show that v1 is gone";
  machine_.Gone(Victim("v1"));
  EXPECT_EQ(machine_.Places(), "0/1/0/0/0");
}

TEST_F(Preemption, AVictimThatIsRecreatedUnderItsNameIsNotWaitedFor) {
  Preempt();
  machine_.Show(Victim("v1").Uid("new").Node("n2"));
  machine_.Evicted("v1", "p", EvictReply::Outcome::kFailed);
  machine_.Evicted("v2", "p");
  machine_.Gone(Victim("v2"));
  EXPECT_EQ(machine_.Places(), "0/1/0/0/0");
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.One()->node, "n1");
  EXPECT_NE(machine_->cluster().FindPod("new"), nullptr);
}

TEST_F(Preemption, OfAVictimThatShowsTheConditionOnlyDeletesIt) {
  machine_.Show(
      Victim("v1").Condition({"DisruptionTarget", "True", "PreemptionByScheduler",
                              "heat-scheduler: preempting to accommodate a higher priority pod"}));
  Preempt();
  EXPECT_THAT(machine_.Effects(),
              testing::Contains("evict default/v1 for default/p: heat-scheduler: preempting to "
                                "accommodate a higher priority pod (marked already)"));
}

TEST_F(Preemption, KeepsTheRoomFromOthersMeanwhile) {
  Preempt();
  for (const char* name : {"v1", "v2"}) {
    machine_.Gone(Victim(name));
  }
  machine_.Show(OurPod("other"));
  EXPECT_EQ(machine_.One()->node, "");
}

TEST_F(Preemption, ThatIsRefusedIsTriedAgain) {
  Preempt();
  machine_.Evicted("v1", "p");
  machine_.Evicted("v2", "p", EvictReply::Outcome::kFailed);
  EXPECT_EQ(machine_.Places(), "0/1/0/0/0");
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.One()->victims.size(), 2u);
}

TEST_F(Preemption, OfPodsThatLeaveAlreadyEvictsNobody) {
  machine_.Show(Leaving("v1"));
  machine_.Show(Leaving("v2"));
  Preempt();
  for (const std::string& line : machine_.Effects()) EXPECT_FALSE(line.starts_with("evict"));
  EXPECT_EQ(machine_.Places(), "0/0/1/0/0");
}

TEST_F(Preemption, OfAPodThatIsNotBoundYetPutsThatBack) {
  machine_.Gone(Victim("v1"));
  machine_.Gone(Victim("v2"));
  machine_.Show(OurPod("waiting", "2"));
  machine_.Run();
  EXPECT_EQ(machine_.WhereIs("waiting"), PodRecord::Where::kAssumed);
  machine_.Effects();
  Preempt();
  const Lines effects = machine_.Effects();
  EXPECT_THAT(effects, testing::Contains("event default/waiting Normal Preempted Preempting: "
                                         "Preempted by pod default-p-uid on node n1 (in "
                                         "kube-scheduler memory)."));
  for (const std::string& line : effects) EXPECT_FALSE(line.starts_with("evict"));
  EXPECT_EQ(machine_.WhereIs("waiting"), PodRecord::Where::kPending);
  // Both back off; the preemptor, to which the room is promised, gets it.
  EXPECT_EQ(machine_.Places(), "0/2/0/0/0");
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.One()->node, "n1");
}

TEST_F(Preemption, ClearsTheNominationsOfLesserPods) {
  machine_.Show(Preemptor("lesser", 5));
  machine_.One();
  for (const char* name : {"v1", "v2"}) {
    machine_.Evicted(name, "lesser");
    machine_.Show(Leaving(name));
  }
  machine_.Show(Preemptor("lesser", 5).Nominated("n1"));
  machine_.Show(Victim("v3"));
  machine_.Effects();
  Preempt();
  EXPECT_THAT(machine_.Effects(), testing::Contains("status default/lesser :  nominated="));
  EXPECT_EQ(machine_->cluster().FindPod("default-lesser-uid")->nominated, kNoNode);
  EXPECT_EQ(machine_->cluster().FindPod("default-p-uid")->nominated_node_name, "n1");
}

// The API has yet to show the nomination: without the patch it would show it for good.
TEST_F(Preemption, ClearsANominationThatIsOnItsWayToTheApi) {
  machine_.Show(Preemptor("lesser", 5));
  machine_.One();
  machine_.Show(Victim("v3"));
  machine_.Effects();
  Preempt();
  EXPECT_THAT(machine_.Effects(), testing::Contains("status default/lesser :  nominated="));
}

TEST_F(Preemption, ThatLeadsNowhereAnyMoreTakesBackANominationOnItsWay) {
  Preempt();
  for (const char* name : {"v1", "v2"}) {
    machine_.Evicted(name, "p");
    machine_.Gone(Victim(name));
  }
  machine_.Show(MakePod("static").Cpu("2").Node("n1").Priority(100));
  machine_.Effects();
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.One()->node, "");
  EXPECT_THAT(machine_.Effects(), testing::Contains(testing::EndsWith("no victims nominated=")));
}

// It could stay so for good, and the room with it.
TEST_F(Preemption, APodThatPreFilterRefusesGivesUpItsNominationThoughPostFilterFails) {
  Preempt();
  for (const char* name : {"v1", "v2"}) {
    machine_.Evicted(name, "p");
    machine_.Gone(Victim(name));
  }
  machine_.Effects();
  claims_are_gone_ = true;
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.One()->node, "");
  EXPECT_THAT(machine_.Effects(),
              testing::Contains("status default/p Unschedulable: 0/1 nodes are available: no "
                                "claim. not found nominated="));
  EXPECT_EQ(machine_->cluster().FindPod("default-p-uid")->nominated, kNoNode);
}

TEST_F(Preemption, ANominatedNodeThatVanishesIsGivenUpAndThePodTriedAgain) {
  Preempt();
  for (const char* name : {"v1", "v2"}) {
    machine_.Evicted(name, "p");
    machine_.Show(Leaving(name));
  }
  ASSERT_EQ(machine_.Places(), "0/0/1/0/0");
  machine_.Effects();
  machine_.Gone(MakeNode("n1"));
  EXPECT_THAT(machine_.Effects(), ElementsAre("status default/p :  nominated="));
  EXPECT_EQ(machine_->cluster().FindPod("default-p-uid")->nominated, kNoNode);
  EXPECT_EQ(machine_.Places(), "0/1/0/0/0");
}

TEST_F(Preemption, ANodeThatVanishesWhileVictimsAreEvictedSendsThePodBackAfterwards) {
  Preempt();
  machine_.Gone(MakeNode("n1"));
  EXPECT_EQ(machine_.Places(), "0/0/0/0/1");
  EXPECT_EQ(machine_->cluster().FindPod("default-p-uid")->nominated, kNoNode);
  for (const char* name : {"v1", "v2"}) {
    machine_.Evicted(name, "p");
    machine_.Gone(Victim(name));
  }
  EXPECT_EQ(machine_.Places(), "0/1/0/0/0");
}

// A longer wait for victims keeps nobody else from a node.
TEST_F(Preemption, DoesNotHoldUpOthers) {
  Preempt();
  machine_.Show(MakeNode("n2").Cpu("1"));
  machine_.Show(OurPod("other"));
  EXPECT_EQ(machine_.One()->node, "n2");
}

TEST_F(Preemption, OfAPodThatIsGoneMeanwhileEndsQuietly) {
  Preempt();
  machine_.Gone(Preemptor());
  machine_.Evicted("v1", "p");
  machine_.Evicted("v2", "p");
  EXPECT_EQ(machine_.Places(), "0/0/0/0/0");
  machine_.Show(OurPod("q"));
  EXPECT_EQ(machine_.One()->node, "");
}

TEST_F(Preemption, OfAPodThatIsBoundElsewhereMeanwhileEndsQuietly) {
  machine_.Show(MakeNode("n2").Cpu("2"));
  machine_.Show(MakePod("v4").Cpu("2").Node("n2").Priority(20));
  Preempt();
  machine_.Show(Preemptor().Node("n2"));
  machine_.Evicted("v1", "p");
  machine_.Evicted("v2", "p");
  EXPECT_EQ(machine_.Places(), "0/0/0/0/0");
}

TEST_F(Preemption, AChangeOfThePodMeanwhileIsNotLost) {
  Preempt();
  machine_.Show(Preemptor().TolerateKey("a"));
  for (const char* name : {"v1", "v2"}) {
    machine_.Evicted(name, "p");
    machine_.Show(Leaving(name));
  }
  EXPECT_EQ(machine_.Places(), "0/1/0/0/0");
}

TEST_F(Preemption, AnswersToNobodyAreIgnored) {
  machine_.Evicted("v1", "nobody");
  EXPECT_THAT(machine_.Effects(), IsEmpty());
}

}  // namespace preemption_test
}  // namespace heat_scheduler
