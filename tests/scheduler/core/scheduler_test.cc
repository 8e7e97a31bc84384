#include "scheduler/core/scheduler.h"

#include <stdexcept>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace scheduler_test {

using Lines = Machine::Lines;
using Outcome = BindReply::Outcome;
using Where = PodRecord::Where;

Profile FitProfile(std::string name = "heat-scheduler") {
  ProfileBuilder builder(std::move(name));
  AddFit(builder);
  return builder.Build();
}

// ---- Creation ----

TEST(SchedulerCreate, NeedsAProfile) {
  EXPECT_EQ(Scheduler::Create({}, {}).status().message(), "a scheduler needs a profile");
}

TEST(SchedulerCreate, RefusesTwoProfilesOfOneName) {
  std::vector<Profile> profiles;
  profiles.push_back(FitProfile());
  profiles.push_back(FitProfile());
  EXPECT_EQ(Scheduler::Create(std::move(profiles), {}).status().message(),
            "two profiles have the schedulerName \"heat-scheduler\"");
}

TEST(SchedulerCreate, RefusesProfilesThatSortDifferently) {
  std::vector<Profile::Enabled> plugins;
  plugins.push_back({std::make_unique<Fake<QueueSortHook>>("Other"), 1});
  plugins.push_back({std::make_unique<Fake<BindHook>>("Binder"), 1});
  std::vector<Profile> profiles;
  profiles.push_back(FitProfile());
  profiles.push_back(*Profile::Create("b", std::move(plugins)));
  EXPECT_EQ(
      Scheduler::Create(std::move(profiles), {}).status().message(),
      "profile \"b\" sorts the queue with \"Other\", others with \"Sort\"; there is one queue "
      "for all profiles");
}

// ---- Which pods ----

struct PodRow {
  std::string name;
  PodBuilder pod;
  std::string places;
};
class WhichPods : public testing::TestWithParam<PodRow> {};

TEST_P(WhichPods, AreQueued) {
  Machine machine(FitProfile());
  machine.Show(GetParam().pod);
  EXPECT_EQ(machine.Places(), GetParam().places);
}

INSTANTIATE_TEST_SUITE_P(Rows, WhichPods,
                         testing::ValuesIn(std::vector<PodRow>{
                             {"Ours", OurPod("p"), "1/0/0/0/0"},
                             {"OurName", OurPod("p").Scheduler("other"), "0/0/0/0/0"},
                             {"DefaultScheduler", MakePod("p"), "0/0/0/0/0"},
                             {"OursWithNode", OurPod("p").Node("n"), "0/0/0/0/0"},
                             {"Deleting", OurPod("p").Deleting(absl::UnixEpoch()), "0/0/0/0/0"},
                             {"Succeeded", OurPod("p").Phase("Succeeded"), "0/0/0/0/0"},
                             {"Failed", OurPod("p").Phase("Failed"), "0/0/0/0/0"},
                             {"WithoutUid", OurPod("p").Uid(""), "1/0/0/0/0"},
                         }),
                         [](const auto& row) { return row.param.name; });

TEST(Scheduler, OwnsTheNamesOfItsProfiles) {
  std::vector<Profile> profiles;
  profiles.push_back(FitProfile("a"));
  profiles.push_back(FitProfile("b"));
  const auto scheduler = Scheduler::Create(std::move(profiles), {});
  ASSERT_TRUE(scheduler.ok());
  EXPECT_TRUE((*scheduler)->Owns("a"));
  EXPECT_TRUE((*scheduler)->Owns("b"));
  EXPECT_FALSE((*scheduler)->Owns("c"));
}

TEST(Scheduler, ForeignPodsCountAtOnce) {
  Machine machine(FitProfile());
  machine.Show(MakeNode("n").Cpu("2"));
  machine.Show(MakePod("foreign").Cpu("2").Node("n"));
  EXPECT_EQ(machine.MilliCpuOn("n"), 2000);
  machine.Show(OurPod("p"));
  EXPECT_EQ(machine.One()->message, "0/1 nodes are available: 1 Insufficient cpu.");
}

TEST(Scheduler, ForeignPendingPodsAreNotEvenKnown) {
  Machine machine(FitProfile());
  machine.Show(MakePod("foreign"));
  EXPECT_EQ(machine->cluster().pod_count(), 0u);
}

// ---- One pod, from beginning to end ----

TEST(Scheduler, TellsWhichNodesWereEquallyGoodIfItIsAskedTo) {
  for (const bool keep_best : {false, true}) {
    Machine machine(FitProfile(), {.keep_best = keep_best});
    for (const char* name : {"n1", "n2", "n3"}) machine.Show(MakeNode(name).Cpu("4"));
    machine.Show(MakePod("foreign").Cpu("4").Node("n2"));
    machine.Show(OurPod("p", "1"));
    const auto attempt = machine.One();
    ASSERT_TRUE(attempt.has_value());
    EXPECT_EQ(attempt->best,
              keep_best ? (std::vector<std::string>{"n1", "n3"}) : std::vector<std::string>{});
  }
}

TEST(Scheduler, BindsAPodAndSaysSo) {
  Machine machine(FitProfile());
  machine.Show(MakeNode("n1").Cpu("4"));
  machine.Show(OurPod("p", "1"));
  machine.Pass(absl::Seconds(3));
  EXPECT_TRUE(machine->HasActive());
  const auto attempt = machine.One();
  ASSERT_TRUE(attempt.has_value());
  EXPECT_EQ(attempt->pod.name, "p");
  EXPECT_EQ(attempt->pod.uid, "default-p-uid");
  EXPECT_EQ(attempt->scheduler_name, "heat-scheduler");
  EXPECT_EQ(attempt->node, "n1");
  EXPECT_EQ(attempt->message, "");
  EXPECT_EQ(attempt->attempts, 1);
  EXPECT_EQ(attempt->queued_for, absl::Seconds(3));
  EXPECT_EQ(machine.Effects(), Lines{"bind default/p on n1"});
  EXPECT_EQ(machine.WhereIs("p"), Where::kAssumed);
  EXPECT_EQ(machine.MilliCpuOn("n1"), 1000);
  EXPECT_EQ(machine.Places(), "0/0/0/0/1");

  machine.Reply("p", Outcome::kBound);
  EXPECT_EQ(
      machine.Effects(),
      Lines{"event default/p Normal Scheduled Binding: Successfully assigned default/p to n1"});
  EXPECT_EQ(machine.Places(), "0/0/0/0/0");
  machine.Show(OurPod("p", "1").Node("n1"));
  EXPECT_EQ(machine.WhereIs("p"), Where::kBound);
  EXPECT_EQ(machine.MilliCpuOn("n1"), 1000);
  EXPECT_EQ(machine.One(), std::nullopt);
}

TEST(Scheduler, AnUnschedulablePodGetsConditionAndEvent) {
  Machine machine(FitProfile());
  machine.Show(MakeNode("n1").Cpu("1"));
  machine.Show(OurPod("p", "2"));
  const std::string message = "0/1 nodes are available: 1 Insufficient cpu.";
  EXPECT_EQ(machine.One()->message, message);
  EXPECT_EQ(machine.Effects(),
            (Lines{"status default/p Unschedulable: " + message,
                   "event default/p Warning FailedScheduling Scheduling: " + message}));
  EXPECT_EQ(machine.Places(), "0/0/1/0/0");
  EXPECT_EQ(machine.WhereIs("p"), Where::kPending);
}

TEST(Scheduler, WithoutNodesAPodWaitsForOne) {
  Machine machine(FitProfile());
  machine.Show(OurPod("p"));
  EXPECT_EQ(machine.One()->message, "no nodes available to schedule pods");
  machine.Pass(absl::Seconds(2));
  EXPECT_EQ(machine.Places(), "0/0/1/0/0");
  machine.Show(MakeNode("n1").Cpu("1"));
  EXPECT_EQ(machine.Run(), Lines{"p"});
}

TEST(Scheduler, HigherPriorityFirst) {
  Machine machine(FitProfile());
  machine.Show(MakeNode("n1").Cpu("9"));
  machine.Show(OurPod("low").Priority(-1));
  machine.Show(OurPod("high").Priority(7));
  machine.Show(OurPod("mid"));
  EXPECT_EQ(machine.Run(), (Lines{"high", "mid", "low"}));
}

TEST(Scheduler, ManyBindingsAreInFlightAtOnce) {
  Machine machine(FitProfile());
  machine.Show(MakeNode("n1").Cpu("2"));
  machine.Show(MakeNode("n2").Cpu("2"));
  for (const char* name : {"a", "b", "c", "d", "e"}) machine.Show(OurPod(name));
  machine.Run();
  EXPECT_EQ(machine.Places(), "0/0/1/0/4");
  EXPECT_EQ(machine.MilliCpuOn("n1"), 2000);
  EXPECT_EQ(machine.MilliCpuOn("n2"), 2000);
}

// ---- Gates ----

class Gated : public testing::Test {
 protected:
  Gated() : machine_(Build()) { machine_.Show(MakeNode("n1").Cpu("4")); }

  Profile Build() {
    ProfileBuilder builder;
    auto& gates = builder.Add<PreEnqueueHook>("Gates");
    gates.pre_enqueue = [this](const PodRecord& pod) {
      if (throws_) throw std::runtime_error("no gate");
      return pod.facts.scheduling_gates.empty() && open_ ? Status{} : Unresolvable("gated");
    };
    gates.gate_inputs = {Input::kNamespaceLabels};
    return builder.Build();
  }

  bool open_ = true;
  bool throws_ = false;
  Machine machine_;
};

TEST_F(Gated, PodsStayOutWithoutAWord) {
  machine_.Show(OurPod("p").Gate("g"));
  EXPECT_EQ(machine_.Places(), "0/0/0/1/0");
  EXPECT_EQ(machine_.One(), std::nullopt);
  EXPECT_EQ(machine_.Effects(), Lines{});
  machine_.Pass(absl::Minutes(6));
  EXPECT_EQ(machine_.Places(), "0/0/0/1/0");
}

TEST_F(Gated, PodsComeInWhenTheirGateGoes) {
  machine_.Show(OurPod("p").Gate("g"));
  machine_.Show(OurPod("p"));
  EXPECT_EQ(machine_.Run(), Lines{"p"});
}

TEST_F(Gated, PodsComeInWhenAnInputOfThePluginChanges) {
  open_ = false;
  machine_.Show(OurPod("p"));
  open_ = true;
  machine_.Show(MakeNode("n2"));
  EXPECT_EQ(machine_.Places(), "0/0/0/1/0");
  machine_.Handle(ObjectChanged{std::make_shared<const kube::Namespace>()});
  EXPECT_EQ(machine_.Places(), "1/0/0/0/0");
}

TEST_F(Gated, AnActivePodThatIsGatedByAChangeGoesOut) {
  machine_.Show(OurPod("p"));
  open_ = false;
  machine_.Show(OurPod("p").Label("a", "b"));
  EXPECT_EQ(machine_.Places(), "0/0/0/1/0");
}

TEST_F(Gated, AThrowingPreEnqueueIsAnErrorWithBackOff) {
  throws_ = true;
  machine_.Show(OurPod("p"));
  const std::string message = "running PreEnqueue plugin \"Gates\": no gate";
  EXPECT_EQ(machine_.Effects(),
            (Lines{"status default/p SchedulerError: " + message,
                   "event default/p Warning FailedScheduling Scheduling: " + message}));
  EXPECT_EQ(machine_.Places(), "0/1/0/0/0");
  throws_ = false;
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.Run(), Lines{"p"});
}

// ---- PostFilter ----

class PostFilters : public testing::Test {
 protected:
  // Runs one pod that fits nowhere; returns its effects.
  Lines Run(const PodBuilder& pod = OurPod("p")) {
    builder_.Add<FilterHook>("F").filter = [](const Cycle&, NodeId) { return Unschedulable(); };
    Machine machine(builder_.Build());
    machine.Show(MakeNode("n1"));
    machine.Show(pod);
    message_ = machine.One()->message;
    places_ = machine.Places();
    return machine.Effects();
  }
  void Add(const std::string& name, PostFilterResult result) {
    builder_.Add<PostFilterHook>(name).post_filter =
        [result](const Cycle&, const Diagnosis& diagnosis, DryRuns&) {
          EXPECT_EQ(diagnosis.rejections.size(), 1u);
          return result;
        };
  }

  ProfileBuilder builder_;
  std::string message_;
  std::string places_;
};

TEST_F(PostFilters, ReasonsEndTheMessage) {
  Add("A", {Rejected("no claims"), std::nullopt});
  Add("B", {Rejected("no victims"), std::nullopt});
  Run();
  EXPECT_EQ(message_, "0/1 nodes are available: 1 it does not fit. no claims, no victims");
}

TEST_F(PostFilters, ANominationIsWritten) {
  Add("A", {Rejected("no claims"), std::nullopt});
  Add("B", {{}, "n1"});
  Add("C", {Rejected("called"), "n2"});
  EXPECT_EQ(Run().front(),
            "status default/p Unschedulable: 0/1 nodes are available: 1 it does not fit. "
            "nominated=n1");
  EXPECT_EQ(places_, "0/0/1/0/0");
}

TEST_F(PostFilters, AnUnresolvableAnswerIsTheLastWord) {
  Add("A", {Rejected("first"), std::nullopt});
  Add("B", {Unresolvable("second"), std::nullopt});
  Add("C", {Rejected("third"), std::nullopt});
  Run();
  EXPECT_EQ(message_, "0/1 nodes are available: 1 it does not fit. second");
}

TEST_F(PostFilters, WithoutThemANominationIsCleared) {
  EXPECT_EQ(Run(OurPod("p").Nominated("n9")).front(),
            "status default/p Unschedulable: 0/1 nodes are available: 1 it does not fit. "
            "nominated=");
}

TEST_F(PostFilters, ThatSayNothingOfItLeaveANomination) {
  Add("A", {Rejected("no"), std::nullopt});
  EXPECT_EQ(Run(OurPod("p").Nominated("n9")).front(),
            "status default/p Unschedulable: 0/1 nodes are available: 1 it does not fit. no");
}

TEST_F(PostFilters, ThatThrowFailThePod) {
  builder_.Add<PostFilterHook>("Bad").post_filter = [](auto&&...) -> PostFilterResult {
    throw std::runtime_error("oops");
  };
  EXPECT_EQ(Run().front(),
            "status default/p SchedulerError: running PostFilter plugin \"Bad\": oops");
  EXPECT_EQ(places_, "0/1/0/0/0");
}

// ---- PreFilter waits ----

kube::Object Volume() { return std::make_shared<const kube::PersistentVolume>(); }

class PreFilterWaits : public testing::Test {
 protected:
  PreFilterWaits() : machine_(Build()) {
    machine_.Show(MakeNode("n1").Cpu("4"));
    machine_.Show(OurPod("p"));
  }
  Profile Build() {
    ProfileBuilder builder;
    builder.Add<PreFilterHook>("Claims").pre_filter = [this](const Cycle& cycle) {
      ++calls_;
      if (ready_) return PreFilterResult{};
      return PreFilterResult{{Code::kWait, {"waits for the claim"}, ""},
                             {},
                             {{Input::kVolumes}, cycle.now.mono + absl::Seconds(10)}};
    };
    return builder.Build();
  }

  bool ready_ = false;
  int calls_ = 0;
  Machine machine_;
};

TEST_F(PreFilterWaits, PutsThePodAsideWithoutAWord) {
  EXPECT_EQ(machine_.One()->selection.result, Selection::Result::kWait);
  EXPECT_EQ(machine_.Effects(), Lines{});
  EXPECT_EQ(machine_.Places(), "0/0/1/0/0");
  EXPECT_EQ(machine_->NextDeadline(), machine_.now().mono + absl::Seconds(10));
}

TEST_F(PreFilterWaits, AnInputBringsItBack) {
  machine_.Run();
  ready_ = true;
  machine_.Handle(ObjectChanged{Volume()});
  EXPECT_EQ(machine_.Run(), Lines{"p"});
  EXPECT_EQ(machine_.Effects(), Lines{"bind default/p on n1"});
}

TEST_F(PreFilterWaits, TheFirstDeadlineCounts) {
  machine_.Run();
  machine_.Pass(absl::Seconds(6));
  machine_.Handle(ObjectChanged{Volume()});
  machine_.Run();
  EXPECT_EQ(calls_, 2);
  EXPECT_EQ(machine_->NextDeadline(), machine_.now().mono + absl::Seconds(4));
  machine_.Pass(absl::Seconds(4));
  EXPECT_EQ(machine_.Run(), Lines{"p"});
  EXPECT_EQ(machine_.Effects().front(),
            "status default/p Unschedulable: 0/1 nodes are available: waits for the claim.");
  EXPECT_EQ(machine_.Places(), "0/0/1/0/0");
  ready_ = true;
  machine_.Pass(absl::Seconds(2));
  machine_.Handle(ObjectChanged{Volume()});
  EXPECT_EQ(machine_.Run(), Lines{"p"});
}

// ---- Plugin errors ----

TEST(SchedulerErrors, AThrowingPluginFailsThatPodAlone) {
  ProfileBuilder builder;
  AddFit(builder);
  builder.Add<FilterHook>("Bad").filter = [](const Cycle& cycle, NodeId) {
    if (cycle.facts().name == "cursed") throw std::runtime_error("out of luck");
    return Verdict{};
  };
  Machine machine(builder.Build());
  machine.Show(MakeNode("n1").Cpu("4"));
  machine.Show(OurPod("cursed").Priority(1));
  machine.Show(OurPod("fine"));
  EXPECT_EQ(machine.Run(), (Lines{"cursed", "fine"}));
  const std::string message = "running \"Bad\" filter plugin: out of luck";
  EXPECT_EQ(machine.Effects(),
            (Lines{"status default/cursed SchedulerError: " + message,
                   "event default/cursed Warning FailedScheduling Scheduling: " + message,
                   "bind default/fine on n1"}));
  EXPECT_EQ(machine.Places(), "0/1/0/0/1");
}

// ---- Pods that change or go while they wait ----

TEST(SchedulerPods, ADeletedPodLeavesTheQueue) {
  Machine machine(FitProfile());
  machine.Show(OurPod("p"));
  machine.Gone(OurPod("p"));
  EXPECT_EQ(machine.Places(), "0/0/0/0/0");
  EXPECT_EQ(machine->cluster().pod_count(), 0u);
}

TEST(SchedulerPods, ADeletingPodLeavesTheQueue) {
  Machine machine(FitProfile());
  machine.Show(OurPod("p"));
  machine.Show(OurPod("p").Deleting(absl::UnixEpoch()));
  EXPECT_EQ(machine.Places(), "0/0/0/0/0");
}

TEST(SchedulerPods, APodThatSomebodyElseBindsLeavesTheQueueAndCounts) {
  Machine machine(FitProfile());
  machine.Show(MakeNode("n1").Cpu("4"));
  machine.Show(OurPod("p"));
  machine.Show(OurPod("p").Node("n1"));
  EXPECT_EQ(machine.Places(), "0/0/0/0/0");
  EXPECT_EQ(machine.MilliCpuOn("n1"), 1000);
}

TEST(SchedulerPods, ARecreatedPodReplacesTheOldOneEvenIfItsEndWasMissed) {
  Machine machine(FitProfile());
  machine.Show(MakeNode("n1").Cpu("4"));
  machine.Show(OurPod("p").Node("n1"));
  machine.Show(OurPod("p").Uid("second"));
  EXPECT_EQ(machine.MilliCpuOn("n1"), 0);
  EXPECT_EQ(machine->cluster().pod_count(), 1u);
  machine.Run();
  EXPECT_EQ(std::get<BindEffect>(machine->TakeEffects()[0]).pod.uid, "second");
  // The late end of the first changes nothing.
  machine.Gone(OurPod("p").Node("n1"));
  EXPECT_EQ(machine->cluster().pod_count(), 1u);
}

TEST(SchedulerPods, AnActivePodMovesUpWithItsPriority) {
  Machine machine(FitProfile());
  machine.Show(MakeNode("n1").Cpu("4"));
  machine.Show(OurPod("a"));
  machine.Show(OurPod("b"));
  machine.Show(OurPod("b").Priority(5));
  EXPECT_EQ(machine.Run(), (Lines{"b", "a"}));
}

TEST(SchedulerPods, APodIsDecidedOnByItsLastForm) {
  Machine machine(FitProfile());
  machine.Show(MakeNode("n1").Cpu("2"));
  machine.Show(OurPod("p", "1"));
  machine.Show(OurPod("p", "3"));
  EXPECT_EQ(machine.One()->message, "0/1 nodes are available: 1 Insufficient cpu.");
}

}  // namespace scheduler_test
}  // namespace heat_scheduler
