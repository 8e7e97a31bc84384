// What brings an unschedulable pod back: inputs that change, and time.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace wake_up_test {

Profile FitProfile() {
  ProfileBuilder builder;
  AddFit(builder);
  return builder.Build();
}

// ---- What wakes an unschedulable pod ----

struct WakeRow {
  std::string name;
  Inputs inputs;
  std::function<void(Machine&)> event;
  bool wakes;
};
class Wakes : public testing::TestWithParam<WakeRow> {};

kube::Object Volume() { return std::make_shared<const kube::PersistentVolume>(); }

TEST_P(Wakes, ByTheRuleOfDirection) {
  ProfileBuilder builder;
  auto& filter = builder.Add<FilterHook>("F");
  filter.inputs = GetParam().inputs;
  filter.filter = [](const Cycle&, NodeId) { return Unschedulable(); };
  Machine machine(builder.Build());
  machine.Show(MakeNode("n1").Cpu("8"));
  machine.Show(MakePod("old").Cpu("2").Node("n1").Label("app", "web"));
  machine.Handle(ObjectChanged{Volume()});
  machine.Show(OurPod("p"));
  machine.Run();
  machine.Pass(absl::Seconds(2));
  ASSERT_EQ(machine.Places(), "0/0/1/0/0");
  GetParam().event(machine);
  EXPECT_EQ(machine->HasActive(), GetParam().wakes);
}

const PodBuilder kOld = MakePod("old").Cpu("2").Node("n1").Label("app", "web");

INSTANTIATE_TEST_SUITE_P(
    Rows, Wakes,
    testing::ValuesIn(std::vector<WakeRow>{
        {"PodComesTopology",
         {Input::kTopologyCounts},
         [](Machine& m) { m.Show(MakePod("new").Node("n1")); },
         true},
        {"PodComesResources",
         {Input::kNodePods, Input::kNodeResources},
         [](Machine& m) { m.Show(MakePod("new").Node("n1")); },
         false},
        {"PodLeaves", {Input::kNodePods}, [](Machine& m) { m.Gone(kOld); }, true},
        {"PodLeavesTopology", {Input::kTopologyCounts}, [](Machine& m) { m.Gone(kOld); }, true},
        {"PodLeavesLabels", {Input::kNodeLabels}, [](Machine& m) { m.Gone(kOld); }, false},
        {"PodEnds",
         {Input::kNodePods},
         [](Machine& m) { m.Show(PodBuilder(kOld).Phase("Succeeded")); },
         true},
        {"PodShrinks",
         {Input::kNodePods},
         [](Machine& m) { m.Show(PodBuilder(kOld).Cpu("1")); },
         true},
        {"PodGrows",
         {Input::kNodePods},
         [](Machine& m) { m.Show(PodBuilder(kOld).Cpu("3")); },
         false},
        {"PodLabels",
         {Input::kTopologyCounts},
         [](Machine& m) { m.Show(PodBuilder(kOld).Label("app", "db")); },
         true},
        {"PodStatus",
         {Input::kTopologyCounts, Input::kNodePods},
         [](Machine& m) { m.Show(PodBuilder(kOld).Phase("Running")); },
         false},
        {"PodDeleting",
         {Input::kTopologyCounts},
         [](Machine& m) { m.Show(PodBuilder(kOld).Deleting(absl::UnixEpoch())); },
         true},
        {"NodeAdded", {Input::kNodeTaints}, [](Machine& m) { m.Show(MakeNode("n2")); }, true},
        {"NodeAddedForWhoReadsNoNode",
         {Input::kPodFacts},
         [](Machine& m) { m.Show(MakeNode("n2")); },
         true},
        {"NodeGrows",
         {Input::kNodeResources},
         [](Machine& m) { m.Show(MakeNode("n1").Cpu("9")); },
         true},
        {"NodeGrowsForLabelReaders",
         {Input::kNodeLabels},
         [](Machine& m) { m.Show(MakeNode("n1").Cpu("9")); },
         false},
        {"NodeLabels",
         {Input::kNodeLabels},
         [](Machine& m) { m.Show(MakeNode("n1").Cpu("8").Label("a", "b")); },
         true},
        {"NodeHeartbeat", Inputs::All(),
         [](Machine& m) { m.Show(MakeNode("n1").Cpu("8").ResourceVersion("2")); }, false},
        {"NodeGone", {Input::kTopologyCounts}, [](Machine& m) { m.Gone(MakeNode("n1")); }, true},
        {"NodeGoneForResources",
         {Input::kNodeResources, Input::kNodePods},
         [](Machine& m) { m.Gone(MakeNode("n1")); },
         false},
        {"Volume", {Input::kVolumes}, [](Machine& m) { m.Handle(ObjectChanged{Volume()}); }, true},
        {"VolumeForOthers",
         {Input::kNodePods},
         [](Machine& m) { m.Handle(ObjectChanged{Volume()}); },
         false},
        {"VolumeGone", {Input::kVolumes}, [](Machine& m) { m.Handle(ObjectGone{Volume()}); }, true},
        {"Namespace",
         {Input::kNamespaceLabels},
         [](Machine& m) { m.Handle(ObjectChanged{std::make_shared<const kube::Namespace>()}); },
         true},
        {"Service",
         {Input::kSelectingOwners},
         [](Machine& m) { m.Handle(ObjectChanged{std::make_shared<const kube::Service>()}); },
         true},
        {"Lease", Inputs::All(),
         [](Machine& m) { m.Handle(ObjectChanged{std::make_shared<const kube::Lease>()}); }, false},
        {"OwnLabels",
         {Input::kPodFacts},
         [](Machine& m) { m.Show(OurPod("p").Label("a", "b")); },
         true},
        {"OwnLabelsForTopology",
         {Input::kTopologyCounts},
         [](Machine& m) { m.Show(OurPod("p").Label("a", "b")); },
         true},
        {"OwnLabelsForWhoWasRejectedForCpu",
         {Input::kNodePods, Input::kNodeResources},
         [](Machine& m) { m.Show(OurPod("p").Label("a", "b")); },
         false},
        {"OwnAnnotations",
         {Input::kPodIdentity},
         [](Machine& m) { m.Show(OurPod("p").Annotation("a", "b")); },
         true},
        {"OwnAnnotationsForWhoWasRejectedForCpu",
         {Input::kNodePods, Input::kNodeResources},
         [](Machine& m) { m.Show(OurPod("p").Annotation("a", "b")); },
         false},
        {"OwnPriority", {}, [](Machine& m) { m.Show(OurPod("p").Priority(7)); }, true},
        {"NodeLabelsForWhoWasRejectedForCpu",
         {Input::kNodePods, Input::kNodeResources},
         [](Machine& m) { m.Show(MakeNode("n1").Cpu("8").Label("a", "b")); },
         false},
        {"OwnRequests", {}, [](Machine& m) { m.Show(OurPod("p", "2")); }, true},
        {"OwnCondition", Inputs::All(),
         [](Machine& m) {
           m.Show(OurPod("p").Condition({"PodScheduled", "False", "Unschedulable", "no"}));
         },
         false},
        {"WallClockJumps", {Input::kTime}, [](Machine& m) { m.JumpWall(absl::Hours(1)); }, true},
        {"WallClockJumpsBack",
         {Input::kTime},
         [](Machine& m) { m.JumpWall(-absl::Hours(1)); },
         true},
        {"WallClockIsAdjusted",
         {Input::kTime},
         [](Machine& m) { m.JumpWall(absl::Milliseconds(900)); },
         false},
        {"WallClockJumpsForOthers",
         {Input::kNodePods},
         [](Machine& m) { m.JumpWall(absl::Hours(1)); },
         false},
        {"FiveMinutes", {}, [](Machine& m) { m.Pass(absl::Minutes(5)); }, true},
    }),
    [](const auto& row) { return row.param.name; });

TEST(SchedulerTime, SmallAdjustmentsAddUpToAJump) {
  ProfileBuilder builder;
  auto& filter = builder.Add<FilterHook>("F");
  filter.inputs = {Input::kTime};
  filter.filter = [](const Cycle&, NodeId) { return Unschedulable(); };
  Machine machine(builder.Build());
  machine.Show(MakeNode("n1"));
  machine.Show(OurPod("p"));
  machine.Run();
  machine.Pass(absl::Seconds(2));
  machine.JumpWall(absl::Milliseconds(600));
  EXPECT_FALSE(machine->HasActive());
  machine.JumpWall(absl::Milliseconds(600));
  EXPECT_TRUE(machine->HasActive());
}

TEST(SchedulerTime, NextDeadlineIsWhatComesFirst) {
  ProfileBuilder builder;
  auto& filter = builder.Add<FilterHook>("F");
  filter.inputs = {Input::kTime};
  filter.filter = [](const Cycle&, NodeId) { return Unschedulable(); };
  filter.valid_until = absl::FromUnixSeconds(1'000'000) + absl::Seconds(60);
  Machine machine(builder.Build());
  EXPECT_EQ(machine->NextDeadline(), std::nullopt);
  machine.Show(MakeNode("n1"));
  machine.Show(OurPod("p"));
  machine.Run();
  EXPECT_EQ(machine->NextDeadline(), machine.now().mono + absl::Seconds(60));
  machine.Show(OurPod("p").Priority(1));
  EXPECT_EQ(machine->NextDeadline(), machine.now().mono + absl::Seconds(1));
  machine.Pass(absl::Seconds(1));
  EXPECT_EQ(machine->NextDeadline(), std::nullopt);
  EXPECT_TRUE(machine->HasActive());
}

TEST(SchedulerTime, FeasibleNewPodsAreNotBlockedByManyUnschedulableOnes) {
  Machine machine(FitProfile());
  machine.Show(MakeNode("n1").Cpu("4"));
  for (int i = 0; i < 500; ++i) machine.Show(OurPod("big" + std::to_string(i), "8"));
  machine.Run();
  machine.Effects();
  for (int i = 0; i < 5; ++i) {
    machine.Pass(absl::Seconds(20));
    const PodBuilder foreign = MakePod("foreign").Node("n1");
    machine.Show(foreign);
    machine.Show(OurPod("small" + std::to_string(i), "100m"));
    // The newcomer came before the event that wakes the rest.
    machine.Pass(absl::Milliseconds(1));
    machine.Gone(foreign);
    EXPECT_EQ(machine.One()->pod.name, "small" + std::to_string(i));
    machine.Run();
  }
}

}  // namespace wake_up_test
}  // namespace heat_scheduler
