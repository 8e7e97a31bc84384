// Rows of the fault matrix that are the machine's own: no network takes part, so the machine alone
// is driven. docs/fault-simulation.md lists the rows.
#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "live/decision_log.h"
#include "live/log.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace queue_rows_test {

using Outcome = BindReply::Outcome;
using testing::Contains;
using testing::HasSubstr;
using Lines = Machine::Lines;

// ---- Row 22: a pod is updated, deleted or recreated while it is in flight ----

// A machine with a door (gates), a filter for room, and, if asked to, a Permit that waits.
class Row22PodChangesInFlight : public testing::Test {
 protected:
  Row22PodChangesInFlight() : machine_(Build()) { machine_.Show(MakeNode("n1").Cpu("4")); }
  Profile Build() {
    ProfileBuilder builder;
    builder.Add<PreEnqueueHook>("Gates").pre_enqueue = [](const PodRecord& pod) {
      return pod.facts.scheduling_gates.empty() ? Status{} : Unresolvable("gated");
    };
    AddFit(builder);
    builder.Add<PermitHook>("Permit").permit = [this](const Cycle& cycle, NodeId) {
      if (!waits_) return permit_;
      return StepResult{{Code::kWait, {}, ""}, {{}, cycle.now.mono + absl::Seconds(5)}};
    };
    return builder.Build();
  }
  // Sends the pod's binding.
  void Bind() {
    machine_.Show(OurPod("p"));
    ASSERT_EQ(machine_.One()->node, "n1");
    ASSERT_THAT(machine_.Effects(), Contains("bind default/p on n1"));
  }
  // Lets the pod wait in Permit.
  void Suspend() {
    waits_ = true;
    machine_.Show(OurPod("p"));
    machine_.Run();
    machine_.Effects();
    waits_ = false;
  }

  bool waits_ = false;
  StepResult permit_;
  Machine machine_;
};

TEST_F(Row22PodChangesInFlight, LabelsAreThoseOfTheUpdateAndTheBindingGoesOn) {
  Bind();
  machine_.Show(OurPod("p").Label("a", "b"));
  machine_.Reply("p", Outcome::kBound);
  const PodRecord* pod = machine_->cluster().FindPod("default-p-uid");
  EXPECT_EQ(pod->pod->metadata.labels.at("a"), "b");
  EXPECT_EQ(machine_.MilliCpuOn("n1"), 1000);
  EXPECT_EQ(machine_.Places(), "0/0/0/0/0");
}

TEST_F(Row22PodChangesInFlight, AResizeCountsAtOnceAndOnce) {
  Bind();
  machine_.Show(OurPod("p", "3"));
  EXPECT_EQ(machine_.MilliCpuOn("n1"), 3000);
  machine_.Show(OurPod("p", "3").Node("n1"));
  machine_.Reply("p", Outcome::kBound);
  EXPECT_EQ(machine_.MilliCpuOn("n1"), 3000);
}

TEST_F(Row22PodChangesInFlight, AnUpdateOfAPodThatIsRejectedThenIsNotLost) {
  Suspend();
  machine_.Show(OurPod("p", "2").Priority(7));
  permit_ = {Rejected("not now"), {}};
  machine_.Pass(absl::Seconds(5));
  EXPECT_EQ(machine_.Places(), "0/1/0/0/0") << "the pool would have waited for somebody else";
  permit_ = {};
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.One()->node, "n1");
  EXPECT_EQ(machine_.MilliCpuOn("n1"), 2000);
  EXPECT_EQ(machine_->cluster().FindPod("default-p-uid")->facts.priority, 7);
}

TEST_F(Row22PodChangesInFlight, GatesKeepAPodOutWhoseBindingIsRefusedForThem) {
  Bind();
  machine_.Show(OurPod("p").Gate("g"));
  machine_.Reply("p", Outcome::kFailed, "pod has non-empty .spec.schedulingGates");
  machine_.Pass(absl::Seconds(1));
  EXPECT_EQ(machine_.Places(), "0/0/0/1/0");
  machine_.Show(OurPod("p"));
  EXPECT_EQ(machine_.One()->node, "n1");
  EXPECT_EQ(machine_.MilliCpuOn("n1"), 1000);
}

TEST_F(Row22PodChangesInFlight, ADeletedPodFreesItsRoomAndItsReplyIsIgnored) {
  Bind();
  machine_.Gone(OurPod("p"));
  EXPECT_EQ(machine_.MilliCpuOn("n1"), 0);
  machine_.Reply("p", Outcome::kBound);
  EXPECT_EQ(machine_.MilliCpuOn("n1"), 0);
  EXPECT_EQ(machine_.Places(), "0/0/0/0/0");
}

TEST_F(Row22PodChangesInFlight, ADeletedPodThatWaitsIsUndone) {
  Suspend();
  machine_.Show(OurPod("p").Deleting(absl::UnixEpoch()));
  EXPECT_EQ(machine_.MilliCpuOn("n1"), 0);
  EXPECT_EQ(machine_.Places(), "0/0/0/0/0");
  machine_.Pass(absl::Seconds(5));
  EXPECT_EQ(machine_.Effects(), Lines{});
}

TEST_F(Row22PodChangesInFlight, ARecreatedPodIsDecidedOnByItselfAndCountsOnce) {
  Bind();
  machine_.Show(OurPod("p", "2").Uid("second"));
  EXPECT_EQ(machine_.MilliCpuOn("n1"), 0);
  EXPECT_EQ(machine_.One()->pod.uid, "second");
  machine_.Reply("p", Outcome::kPodGone);  // That of the first.
  EXPECT_EQ(machine_.MilliCpuOn("n1"), 2000);
  machine_.Handle(BindReply{{"default", "p", "second"}, Outcome::kBound, ""});
  EXPECT_EQ(machine_.MilliCpuOn("n1"), 2000);
  EXPECT_EQ(machine_.Places(), "0/0/0/0/0");
}

// ---- Row 39: a plugin throws for one pod, or takes long ----

struct ThrowRow {
  std::string name;
  std::function<void()> thrower;
  std::string message;
};
void PrintTo(const ThrowRow& row, std::ostream* out) { *out << row.name; }
class Row39PluginThrows : public testing::TestWithParam<ThrowRow> {
 protected:
  static Profile Build(bool& cursed) {
    ProfileBuilder builder;
    AddFit(builder);
    builder.Add<FilterHook>("Bad").filter = [&cursed](const Cycle& cycle, NodeId) {
      if (cursed && cycle.facts().name == "cursed") GetParam().thrower();
      return Verdict{};
    };
    return builder.Build();
  }
};

TEST_P(Row39PluginThrows, ThatPodAloneFailsBacksOffAndIsPutAsideInTheEnd) {
  bool cursed = true;
  Machine machine(Build(cursed));
  machine.Show(MakeNode("n1").Cpu("100"));
  machine.Show(OurPod("cursed"));
  const std::string message = "running \"Bad\" filter plugin: " + GetParam().message;
  std::vector<absl::Duration> waits;
  std::optional<Attempt> attempt;
  for (int failure = 1; failure <= 10; ++failure) {
    attempt = machine.One();
    ASSERT_TRUE(attempt.has_value()) << failure;
    EXPECT_EQ(attempt->message, message);
    EXPECT_EQ(attempt->quarantined, failure == 10);
    EXPECT_THAT(machine.Effects(), Contains("event default/cursed Warning FailedScheduling "
                                            "Scheduling: " +
                                            message));
    // Others are not held up.
    machine.Show(OurPod(absl::StrCat("fine", failure)));
    EXPECT_EQ(machine.One()->node, "n1");
    waits.push_back(*machine->NextDeadline() - machine.now().mono);
    machine.Pass(waits.back());
  }
  EXPECT_EQ(waits, (std::vector<absl::Duration>{
                       absl::Seconds(1), absl::Seconds(2), absl::Seconds(4), absl::Seconds(8),
                       absl::Seconds(10), absl::Seconds(10), absl::Seconds(10), absl::Seconds(10),
                       absl::Seconds(10), absl::Minutes(5)}));
  // Five minutes are over; it fails once more, and is aside again until it changes.
  EXPECT_TRUE(machine.One()->quarantined);
  machine.Show(MakeNode("n2").Cpu("100"));
  EXPECT_EQ(machine.One(), std::nullopt);
  cursed = false;
  machine.Show(OurPod("cursed", "2"));
  machine.Pass(absl::Seconds(10));
  EXPECT_FALSE(machine.One()->node.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Row39PluginThrows,
    testing::ValuesIn(std::vector<ThrowRow>{
        {"AnException", [] { throw std::runtime_error("out of luck"); }, "out of luck"},
        {"OutOfMemory", [] { throw std::bad_alloc(); }, "std::bad_alloc"},
        {"SomethingElse", [] { throw 42; }, "it threw something that is no exception"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(Row39PluginTakesLong, IsWarnedOfWithThePod) {
  Attempt attempt;
  attempt.pod = {"default", "slow", "u"};
  testing::internal::CaptureStderr();
  SetUpLogging({.format = LogFormat::kJson, .verbosity = 0});
  LogSlowDecision(attempt, kSlowDecision - absl::Nanoseconds(1));
  LogSlowDecision(attempt, absl::Seconds(3));
  ShutDownLogging();
  const std::string output = testing::internal::GetCapturedStderr();
  EXPECT_THAT(output, HasSubstr("\"pod\":\"default/slow\",\"attempt\":0,\"took\":\"3s\"}"));
  EXPECT_EQ(output.find("took long"), output.rfind("took long"))
      << "a decision is that slow at times";
}

// ---- Row 40: a burst of pods, most of which fit nowhere ----

// What a burst of so many pods that fit nowhere comes to, with an event each second that wakes all
// of them, and a pod that fits.
struct Burst {
  std::size_t attempts = 0;      // On pods that fit nowhere, the first of each excepted.
  std::size_t filter_calls = 0;  // All of them.
};

Burst RunBurst(int pods, int seconds) {
  Burst burst;
  ProfileBuilder builder;
  auto& count = builder.Add<FilterHook>("Count");
  count.inputs = Inputs::All();
  count.filter = [&](const Cycle&, NodeId) {
    ++burst.filter_calls;
    return Verdict{};
  };
  AddFit(builder);
  Machine machine(builder.Build());
  machine.Show(MakeNode("n1").Cpu("64"));
  for (int i = 0; i < pods; ++i) machine.Show(OurPod(absl::StrCat("big", i), "100"));
  EXPECT_EQ(machine.Run().size(), static_cast<std::size_t>(pods));
  machine->TakeEffects();
  for (int second = 0; second < seconds; ++second) {
    const std::string name = absl::StrCat("small", second);
    machine.Show(OurPod(name, "10m"));
    machine.Pass(absl::Seconds(1));
    const PodBuilder passing = MakePod("passing").Node("n1");
    machine.Show(passing);
    machine.Gone(passing);
    // The others came back after it was queued.
    const std::optional<Attempt> first = machine.One();
    EXPECT_EQ(first->pod.name, name);
    EXPECT_EQ(first->node, "n1");
    burst.attempts += machine.Run().size();
    machine->TakeEffects();
    // One place each, and nobody is there twice.
    const QueueCounts counts = machine->queue_counts();
    EXPECT_EQ(counts.unschedulable + counts.backoff, static_cast<std::size_t>(pods));
    EXPECT_EQ(machine->queue_places().size(), static_cast<std::size_t>(pods + second + 1));
  }
  for (int i = 0; i < pods; ++i) machine.Gone(OurPod(absl::StrCat("big", i), "100"));
  EXPECT_EQ(machine->queue_counts().unschedulable + machine->queue_counts().backoff, 0u);
  EXPECT_EQ(machine->NextDeadline(), std::nullopt) << "nothing is left of them";
  return burst;
}

TEST(Row40Burst, NewerFeasiblePodsGoFirstAndNoPodIsTriedMoreOftenThanItsBackOffAllows) {
  constexpr int kPods = 3000;
  const Burst burst = RunBurst(kPods, 30);
  // In the seconds 1, 3, 7, 15 and 25: after 1, 2, 4, 8 and 10 seconds of back-off.
  EXPECT_EQ(burst.attempts, std::size_t{kPods} * 5);
}

TEST(Row40Burst, CostsGrowWithThePodsAndNotWithTheirSquare) {
  const Burst one = RunBurst(1000, 20);
  const Burst two = RunBurst(2000, 20);
  EXPECT_EQ(two.attempts, 2 * one.attempts);
  EXPECT_LE(two.filter_calls, 2 * one.filter_calls);
}

TEST(Row40Burst, PodsThatReadNothingOfAnEventAreNotEvenLookedAt) {
  ProfileBuilder builder;
  AddFit(builder);
  Machine machine(builder.Build());
  machine.Show(MakeNode("n1").Cpu("1"));
  for (int i = 0; i < 2000; ++i) machine.Show(OurPod(absl::StrCat("big", i), "2"));
  machine.Run();
  machine.Pass(absl::Seconds(2));
  for (int second = 0; second < 100; ++second) {
    machine.Pass(absl::Seconds(1));
    machine.Show(MakeNode("n1").Cpu("1").Label("beat", std::to_string(second)));
    EXPECT_FALSE(machine->HasActive());
  }
}

}  // namespace queue_rows_test
}  // namespace heat_scheduler
