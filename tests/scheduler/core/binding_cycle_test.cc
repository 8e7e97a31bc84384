// What follows a choice: Reserve, Permit, PreBind, Bind, and the reply.
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace binding_cycle_test {

using Lines = Machine::Lines;
using Outcome = BindReply::Outcome;
using Where = PodRecord::Where;

constexpr char kBindP[] = "bind default/p on n1";

// A machine with one node for two pods, and plugins that a test fills in. `log_` says which hooks
// were called.
class BindingCycle : public testing::Test {
 protected:
  // Starts the machine with the plugins added so far, a node n1 of 2 cpus and the pod p of 1.
  Machine& Start() {
    AddFit(builder_);
    machine_.emplace(builder_.Build());
    machine_->Show(MakeNode("n1").Cpu("2"));
    machine_->Show(OurPod("p"));
    return *machine_;
  }

  auto& AddReserve(const std::string& name, Status answer = {}) {
    auto& plugin = builder_.Add<ReserveHook>(name);
    plugin.reserve = [this, name, answer](const Cycle& cycle, NodeId) {
      EXPECT_EQ(cycle.pod.where, Where::kAssumed);
      log_.push_back("reserve " + name);
      return answer;
    };
    plugin.unreserve = [this, name](const PodRecord&, NodeId) {
      log_.push_back("unreserve " + name);
    };
    return plugin;
  }

  // A hook that waits until told otherwise, for volumes, 10 s each time.
  StepResult Answer(const std::string& name, const Cycle& cycle) {
    log_.push_back(name);
    if (answer_.has_value()) return {*answer_, {}};
    return {{Code::kWait, {"not yet"}, ""},
            {{Input::kVolumes}, cycle.now.mono + absl::Seconds(10)}};
  }
  void AddPermit(const std::string& name = "Permit") {
    builder_.Add<PermitHook>(name).permit = [this, name](const Cycle& cycle, NodeId) {
      return Answer(name, cycle);
    };
  }
  void AddPreBind(const std::string& name = "PreBind") {
    builder_.Add<PreBindHook>(name).pre_bind =
        [this, name](const Cycle& cycle, NodeId, EffectSink&) { return Answer(name, cycle); };
  }

  void VolumeChanges() {
    machine_->Handle(ObjectChanged{std::make_shared<const kube::PersistentVolume>()});
  }
  // `late_in` is the extension point in which a suspended pod was given up.
  void ExpectReturned(const std::string& message, const std::string& reason,
                      const std::string& places, const std::string& late_in = "") {
    Lines effects = {"status default/p " + reason + ": " + message,
                     "event default/p Warning FailedScheduling Scheduling: " + message};
    if (!late_in.empty()) {
      effects.insert(effects.begin(), "aborted default/p on n1 in " + late_in +
                                          (reason == "SchedulerError" ? " by an error: " : ": ") +
                                          message);
    }
    EXPECT_EQ(machine_->Effects(), effects);
    EXPECT_EQ(machine_->Places(), places);
    EXPECT_EQ(machine_->WhereIs("p"), Where::kPending);
    EXPECT_EQ(machine_->MilliCpuOn("n1"), 0);
  }

  ProfileBuilder builder_;
  std::optional<Machine> machine_;
  Lines log_;
  std::optional<Status> answer_;  // Of Permit and PreBind; nothing: wait.
};

// ---- Reserve ----

TEST_F(BindingCycle, ReservesInOrderAndThenBinds) {
  AddReserve("A");
  AddReserve("B");
  Start().Run();
  EXPECT_EQ(log_, (Lines{"reserve A", "reserve B"}));
  EXPECT_EQ(machine_->Effects(), Lines{kBindP});
}

TEST_F(BindingCycle, AReserveThatRejectsIsUndoneOnAllInReverse) {
  AddReserve("A");
  AddReserve("B", Rejected("volume taken"));
  AddReserve("C");
  Start();
  const auto attempt = machine_->One();
  EXPECT_EQ(attempt->node, "");
  EXPECT_EQ(log_, (Lines{"reserve A", "reserve B", "unreserve C", "unreserve B", "unreserve A"}));
  ExpectReturned("0/1 nodes are available: 1 volume taken.", "Unschedulable", "0/0/1/0/0");
}

TEST_F(BindingCycle, AReserveThatFailsIsAnError) {
  AddReserve("A", {Code::kError, {"disk on fire"}, ""});
  Start().Run();
  ExpectReturned("running Reserve plugin \"A\": disk on fire", "SchedulerError", "0/1/0/0/0");
}

TEST_F(BindingCycle, AReserveThatThrowsIsUndoneThoughUnreserveThrowsToo) {
  AddReserve("A");
  auto& bad = AddReserve("B");
  bad.reserve = [](const Cycle&, NodeId) -> Status { throw std::runtime_error("oops"); };
  bad.unreserve = [](const PodRecord&, NodeId) { throw std::runtime_error("again"); };
  Start().Run();
  EXPECT_EQ(log_, (Lines{"reserve A", "unreserve A"}));
  ExpectReturned("running Reserve plugin \"B\": oops", "SchedulerError", "0/1/0/0/0");
}

// ---- Permit ----

TEST_F(BindingCycle, PermitMayHoldThePodUntilAnInputChanges) {
  AddReserve("A");
  AddPermit();
  Start().Run();
  EXPECT_EQ(machine_->Places(), "0/0/0/0/1");
  EXPECT_EQ(machine_->WhereIs("p"), Where::kAssumed);
  EXPECT_EQ(machine_->Effects(), Lines{});
  machine_->Show(MakeNode("n2"));
  EXPECT_EQ(log_, (Lines{"reserve A", "Permit"})) << "not what it waits for";
  answer_ = Status{};
  VolumeChanges();
  EXPECT_EQ(log_, (Lines{"reserve A", "Permit", "Permit"}));
  EXPECT_EQ(machine_->Effects(), Lines{kBindP});
}

TEST_F(BindingCycle, PermitTimesOutAtTheDeadlineOfItsFirstWait) {
  AddReserve("A");
  AddPermit();
  Start().Run();
  machine_->Pass(absl::Seconds(6));
  VolumeChanges();
  EXPECT_EQ((*machine_)->NextDeadline(), machine_->now().mono + absl::Seconds(4));
  machine_->Pass(absl::Seconds(4));
  EXPECT_EQ(log_.back(), "unreserve A");
  ExpectReturned(
      "0/1 nodes are available: 1 rejected due to timeout after waiting at plugin \"Permit\".",
      "Unschedulable", "0/1/0/0/0", "Permit");
}

TEST_F(BindingCycle, TheNextAttemptWaitsAnew) {
  AddPermit();
  Start().Run();
  machine_->Pass(absl::Seconds(10));
  machine_->Pass(absl::Seconds(1));
  VolumeChanges();
  EXPECT_EQ(machine_->Run(), Lines{"p"});
  EXPECT_EQ(machine_->Places(), "0/0/0/0/1");
  EXPECT_EQ((*machine_)->NextDeadline(), machine_->now().mono + absl::Seconds(10));
}

TEST_F(BindingCycle, PermitMayRejectAtItsDeadlineInItsOwnWords) {
  AddPermit();
  Start().Run();
  answer_ = Rejected("the gang is not complete");
  machine_->Pass(absl::Seconds(10));
  ExpectReturned("0/1 nodes are available: 1 the gang is not complete.", "Unschedulable",
                 "0/0/1/0/0", "Permit");
}

TEST_F(BindingCycle, PermitThatThrowsIsAnError) {
  builder_.Add<PermitHook>("Bad").permit = [](auto&&...) -> StepResult {
    throw std::runtime_error("oops");
  };
  Start().Run();
  ExpectReturned("running Permit plugin \"Bad\": oops", "SchedulerError", "0/1/0/0/0");
}

TEST_F(BindingCycle, TheNextPermitIsAskedOnceTheOneBeforeAgrees) {
  AddPermit("One");
  AddPermit("Two");
  Start().Run();
  EXPECT_EQ(log_, Lines{"One"});
  answer_ = Status{};
  VolumeChanges();
  EXPECT_EQ(log_, (Lines{"One", "One", "Two"}));
  EXPECT_EQ(machine_->Effects(), Lines{kBindP});
}

TEST_F(BindingCycle, ASuspendedPodKeepsItsRoomAndOthersGoOn) {
  AddPermit();
  Start().Run();
  answer_ = Status{};
  machine_->Show(OurPod("q"));
  machine_->Show(OurPod("r"));
  machine_->Run();
  EXPECT_EQ(machine_->Effects().front(), "bind default/q on n1");
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 2000);
  EXPECT_EQ(machine_->Places(), "0/0/1/0/2");
}

// ---- PreBind ----

TEST_F(BindingCycle, PreBindSendsItsEffectsAtOnceAndMayWait) {
  builder_.Add<PreBindHook>("PreBind").pre_bind = [this](const Cycle& cycle, NodeId node,
                                                         EffectSink& effects) {
    effects.Emit(PodStatusEffect{{"default", "p", ""}, "Claim", "written", std::nullopt});
    EXPECT_EQ(cycle.cluster.columns().name[node], "n1");
    return Answer("PreBind", cycle);
  };
  Start().Run();
  EXPECT_EQ(machine_->Effects(), Lines{"status default/p Claim: written"});
  answer_ = Status{};
  VolumeChanges();
  EXPECT_EQ(machine_->Effects(), (Lines{"status default/p Claim: written", kBindP}));
}

TEST_F(BindingCycle, APreBindThatRejectsSendsThePodToBackOff) {
  AddReserve("A");
  AddPreBind();
  answer_ = Rejected("claim lost");
  Start().Run();
  EXPECT_EQ(log_.back(), "unreserve A");
  ExpectReturned("claim lost", "Unschedulable", "0/1/0/0/0");
}

TEST_F(BindingCycle, APreBindThatTimesOutSendsThePodToBackOff) {
  AddPreBind();
  Start().Run();
  machine_->Pass(absl::Seconds(10));
  ExpectReturned("rejected due to timeout after waiting at plugin \"PreBind\"", "Unschedulable",
                 "0/1/0/0/0", "PreBind");
}

// ---- Resuming ----

TEST_F(BindingCycle, OnResumeANodeThatHasChangedIsFilteredAgain) {
  AddReserve("A");
  AddPermit();
  Start().Run();
  machine_->Show(MakeNode("n1").Cpu("500m"));
  answer_ = Status{};
  VolumeChanges();
  EXPECT_EQ(log_, (Lines{"reserve A", "Permit", "unreserve A"}));
  ExpectReturned("0/1 nodes are available: 1 Insufficient cpu.", "Unschedulable", "0/1/0/0/0",
                 "Permit");
}

TEST_F(BindingCycle, OnResumeThePodDoesNotCountAgainstItself) {
  AddPermit();
  Start().Run();
  // The node shrinks to just what the pod needs.
  machine_->Show(MakeNode("n1").Cpu("1"));
  answer_ = Status{};
  VolumeChanges();
  EXPECT_EQ(machine_->Effects(), Lines{kBindP});
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 1000);
}

TEST_F(BindingCycle, OnResumeANodeThatIsAsItWasIsNotFilteredAgain) {
  int filtered = 0;
  builder_.Add<FilterHook>("Count").filter = [&filtered](const Cycle&, NodeId) {
    ++filtered;
    return Verdict{};
  };
  AddPermit();
  Start().Run();
  machine_->Show(MakeNode("n1").Cpu("2").ResourceVersion("2"));
  answer_ = Status{};
  VolumeChanges();
  EXPECT_EQ(filtered, 1);
  EXPECT_EQ(machine_->Effects(), Lines{kBindP});
}

TEST_F(BindingCycle, OnResumeAForeignPodThatTookTheRoomIsNoticed) {
  AddPermit();
  Start().Run();
  machine_->Show(MakePod("foreign").Cpu("2").Node("n1"));
  answer_ = Status{};
  VolumeChanges();
  EXPECT_EQ(machine_->Effects().at(1),
            "status default/p Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.");
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 2000);
}

TEST_F(BindingCycle, OnResumeAFilterThatThrowsIsAnError) {
  bool throws = false;
  builder_.Add<FilterHook>("Bad").filter = [&throws](const Cycle&, NodeId) -> Verdict {
    if (throws) throw std::runtime_error("oops");
    return {};
  };
  AddPermit();
  Start().Run();
  throws = true;
  answer_ = Status{};
  machine_->Show(MakeNode("n1").Cpu("3"));
  VolumeChanges();
  ExpectReturned("running \"Bad\" filter plugin: oops", "SchedulerError", "0/1/0/0/0", "Permit");
}

TEST_F(BindingCycle, ANodeThatGoesSendsItsSuspendedPodsBackAtOnce) {
  AddReserve("A");
  AddPermit();
  Start().Run();
  machine_->Gone(MakeNode("n1"));
  EXPECT_EQ(log_.back(), "unreserve A");
  EXPECT_EQ(machine_->Effects().at(1),
            "status default/p Unschedulable: 0/1 nodes are available: 1 node \"n1\" was deleted.");
  EXPECT_EQ(machine_->Places(), "0/1/0/0/0");
}

TEST_F(BindingCycle, ASuspendedPodThatIsDeletedIsUndone) {
  AddReserve("A");
  AddPermit();
  Start().Run();
  machine_->Show(OurPod("p").Deleting(absl::UnixEpoch()));
  EXPECT_EQ(log_.back(), "unreserve A");
  EXPECT_EQ(machine_->Places(), "0/0/0/0/0");
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 0);
  VolumeChanges();
  EXPECT_EQ(machine_->Effects(), Lines{});
}

TEST_F(BindingCycle, ASuspendedPodThatIsGoneIsUndone) {
  AddReserve("A");
  AddPermit();
  Start().Run();
  machine_->Gone(OurPod("p"));
  EXPECT_EQ(log_.back(), "unreserve A");
  EXPECT_EQ(machine_->Places(), "0/0/0/0/0");
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 0);
}

TEST_F(BindingCycle, ASuspendedPodThatSomebodyElseBindsIsAdopted) {
  AddReserve("A");
  AddPermit();
  Start().Run();
  machine_->Show(MakeNode("n2"));
  machine_->Show(OurPod("p").Node("n2"));
  EXPECT_EQ(log_.back(), "unreserve A");
  EXPECT_EQ(machine_->Places(), "0/0/0/0/0");
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 0);
  EXPECT_EQ(machine_->MilliCpuOn("n2"), 1000);
}

TEST_F(BindingCycle, AnUpdateInFlightSendsARejectedPodToBackOffInsteadOfThePool) {
  AddPermit();
  Start().Run();
  machine_->Show(OurPod("p").Priority(1));
  answer_ = Rejected("no");
  machine_->Pass(absl::Seconds(10));
  ExpectReturned("0/1 nodes are available: 1 no.", "Unschedulable", "0/1/0/0/0", "Permit");
}

// ---- Bind ----

TEST_F(BindingCycle, ABinderMaySkip) {
  builder_.Add<BindHook>("Skips").bind = [](auto&&...) { return Status{Code::kSkip, {}, ""}; };
  Start().Run();
  EXPECT_EQ(machine_->Effects(), Lines{kBindP});
}

struct BinderRow {
  std::string name;
  Status (*bind)(const Cycle&, NodeId, EffectSink&);
  std::string message;
  std::string reason;
};

void EmitBinding(const Cycle& cycle, EffectSink& effects) {
  effects.Emit(BindEffect{{"default", cycle.facts().name, cycle.facts().uid}, "n1"});
}

class BadBinder : public BindingCycle, public testing::WithParamInterface<BinderRow> {};

TEST_P(BadBinder, SendsNothingAndFailsThePod) {
  AddReserve("A");
  builder_.Add<BindHook>("Bad").bind = GetParam().bind;
  Start().Run();
  EXPECT_EQ(log_.back(), "unreserve A");
  ExpectReturned(GetParam().message, GetParam().reason, "0/1/0/0/0");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadBinder,
    testing::ValuesIn(std::vector<BinderRow>{
        {"Fails",
         [](const Cycle&, NodeId, EffectSink&) {
           return Status{Code::kError, {"no route"}, ""};
         },
         "running Bind plugin \"Bad\": no route", "SchedulerError"},
        {"FailsAfterAll",
         [](const Cycle& cycle, NodeId, EffectSink& effects) {
           EmitBinding(cycle, effects);
           return Status{Code::kError, {"no route"}, ""};
         },
         "running Bind plugin \"Bad\": no route", "SchedulerError"},
        {"Throws",
         [](const Cycle& cycle, NodeId, EffectSink& effects) -> Status {
           EmitBinding(cycle, effects);
           throw std::runtime_error("oops");
         },
         "running Bind plugin \"Bad\": oops", "SchedulerError"},
        {"Rejects", [](const Cycle&, NodeId, EffectSink&) { return Rejected("not here"); },
         "not here", "Unschedulable"},
        {"BindsNothing", [](const Cycle&, NodeId, EffectSink&) { return Status{}; },
         "running Bind plugin \"Bad\": it answered Success without a binding", "SchedulerError"},
    }),
    [](const auto& row) { return row.param.name; });

// ---- Replies ----

TEST_F(BindingCycle, PostBindIsToldOnceTheBindingIsAccepted) {
  AddReserve("A");
  builder_.Add<PostBindHook>("Post").post_bind = [this](const PodRecord& pod, NodeId) {
    log_.push_back("post " + pod.facts.name);
  };
  builder_.Add<PostBindHook>("Throws").post_bind = [](auto&&...) {
    throw std::runtime_error("oops");
  };
  Start().Run();
  EXPECT_EQ(log_, Lines{"reserve A"});
  machine_->Effects();
  machine_->Reply("p", Outcome::kBound);
  EXPECT_EQ(log_, (Lines{"reserve A", "post p"}));
  EXPECT_EQ(machine_->Effects().size(), 1u);
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 1000);
}

TEST_F(BindingCycle, AFailedBindingIsUndoneAndTriedAgainAfterBackOff) {
  AddReserve("A");
  Start().Run();
  machine_->Effects();
  machine_->Reply("p", Outcome::kFailed, "timed out");
  EXPECT_EQ(log_.back(), "unreserve A");
  ExpectReturned("running Bind plugin \"Binder\": timed out", "SchedulerError", "0/1/0/0/0");
  machine_->Pass(absl::Seconds(1));
  EXPECT_EQ(machine_->One()->attempts, 2);
  EXPECT_EQ(machine_->Effects(), Lines{kBindP});
}

TEST_F(BindingCycle, AFailedBindingOfADeletingPodIsNotTriedAgain) {
  Start().Run();
  machine_->Effects();
  machine_->Show(OurPod("p").Deleting(absl::UnixEpoch()));
  EXPECT_EQ(machine_->Places(), "0/0/0/0/1") << "the reply is still due";
  machine_->Reply("p", Outcome::kFailed, "being deleted");
  EXPECT_EQ(machine_->Places(), "0/0/0/0/0");
  EXPECT_EQ(machine_->Effects(), Lines{});
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 0);
}

struct SettledRow {
  std::string name;
  Outcome outcome;
};
class Settled : public BindingCycle, public testing::WithParamInterface<SettledRow> {};

TEST_P(Settled, ElsewhereIsNotQueuedAgainByAnOldView) {
  AddReserve("A");
  Start().Run();
  machine_->Effects();
  machine_->Reply("p", GetParam().outcome);
  EXPECT_EQ(log_.back(), "unreserve A");
  EXPECT_EQ(machine_->Effects(), Lines{});
  EXPECT_EQ(machine_->Places(), "0/0/0/0/0");
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 0);
  machine_->Show(OurPod("p").Label("a", "b"));
  EXPECT_EQ(machine_->Places(), "0/0/0/0/0");
}

INSTANTIATE_TEST_SUITE_P(Rows, Settled,
                         testing::Values(SettledRow{"BoundElsewhere", Outcome::kBoundElsewhere},
                                         SettledRow{"PodGone", Outcome::kPodGone}),
                         [](const auto& row) { return row.param.name; });

TEST_F(BindingCycle, APodThatIsRecreatedAfterItWasGoneIsQueued) {
  Start().Run();
  machine_->Reply("p", Outcome::kPodGone);
  machine_->Show(OurPod("p").Uid("second"));
  EXPECT_EQ(machine_->Places(), "1/0/0/0/0");
}

TEST_F(BindingCycle, TheWatchMayBeFasterThanTheReply) {
  Start().Run();
  machine_->Effects();
  machine_->Show(OurPod("p").Node("n1"));
  EXPECT_EQ(machine_->Places(), "0/0/0/0/1");
  machine_->Reply("p", Outcome::kBound);
  EXPECT_EQ(machine_->Places(), "0/0/0/0/0");
  EXPECT_THAT(machine_->Effects().front(), testing::HasSubstr("Successfully assigned"));
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 1000);
}

TEST_F(BindingCycle, APodSeenBoundWhereWeWantedItIsBoundWhateverTheReply) {
  AddReserve("A");
  Start().Run();
  machine_->Effects();
  machine_->Show(OurPod("p").Node("n1"));
  machine_->Reply("p", Outcome::kFailed, "already assigned to n1");
  EXPECT_EQ(log_, Lines{"reserve A"});
  EXPECT_THAT(machine_->Effects().front(), testing::HasSubstr("Successfully assigned"));
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 1000);
}

TEST_F(BindingCycle, APodSeenBoundElsewhereIsAdoptedAndTheReplyIgnored) {
  AddReserve("A");
  Start().Run();
  machine_->Effects();
  machine_->Show(MakeNode("n2"));
  machine_->Show(OurPod("p").Node("n2"));
  EXPECT_EQ(log_.back(), "unreserve A");
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 0);
  EXPECT_EQ(machine_->MilliCpuOn("n2"), 1000);
  machine_->Reply("p", Outcome::kBoundElsewhere);
  EXPECT_EQ(machine_->Effects(), Lines{});
  EXPECT_EQ(machine_->MilliCpuOn("n2"), 1000);
}

TEST_F(BindingCycle, AnOldViewAfterTheReplyDoesNotTakeThePodOffItsNode) {
  Start().Run();
  machine_->Reply("p", Outcome::kBound);
  machine_->Show(OurPod("p").Label("a", "b"));
  EXPECT_EQ(machine_->WhereIs("p"), Where::kAssumed);
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 1000);
  EXPECT_EQ(machine_->Run(), Lines{});
}

TEST_F(BindingCycle, AReplyThatIsNotDueChangesNothing) {
  AddPermit();
  Start().Run();
  machine_->Reply("p", Outcome::kBound);
  machine_->Reply("stranger", Outcome::kFailed);
  EXPECT_EQ(machine_->Places(), "0/0/0/0/1");
  EXPECT_EQ(machine_->Effects(), Lines{});
  answer_ = Status{};
  VolumeChanges();
  machine_->Reply("p", Outcome::kBound);
  machine_->Effects();
  machine_->Reply("p", Outcome::kBound);
  EXPECT_EQ(machine_->Effects(), Lines{}) << "a reply counts once";
}

TEST_F(BindingCycle, ABindingInFlightOutlivesItsNode) {
  Start().Run();
  machine_->Effects();
  machine_->Gone(MakeNode("n1"));
  EXPECT_EQ(machine_->Places(), "0/0/0/0/1");
  machine_->Reply("p", Outcome::kBound);
  EXPECT_EQ(machine_->WhereIs("p"), Where::kAssumed);
  machine_->Show(MakeNode("n1").Cpu("2"));
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 1000);
}

TEST_F(BindingCycle, APodGoneInFlightFreesItsRoomAndItsReplyIsIgnored) {
  Start().Run();
  machine_->Effects();
  machine_->Gone(OurPod("p"));
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 0);
  machine_->Reply("p", Outcome::kBound);
  EXPECT_EQ(machine_->Effects(), Lines{});
}

TEST_F(BindingCycle, ARoomThatAFailedBindingFreesWakesTheUnschedulable) {
  Start();
  machine_->Show(OurPod("q", "2").Priority(-1));
  machine_->Run();
  EXPECT_EQ(machine_->Places(), "0/0/1/0/1");
  machine_->Pass(absl::Seconds(2));
  machine_->Reply("p", Outcome::kFailed);
  EXPECT_EQ(machine_->Run(), Lines{"q"});
  EXPECT_EQ(machine_->MilliCpuOn("n1"), 2000);
}

}  // namespace binding_cycle_test
}  // namespace heat_scheduler
