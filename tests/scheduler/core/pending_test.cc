#include "scheduler/core/pending.h"

#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/scheduler/core/machine.h"

namespace heat_scheduler {
namespace pending_test {

using Lines = Machine::Lines;

Profile MakeProfile() {
  ProfileBuilder builder;
  AddFit(builder);
  builder.Add<PreEnqueueHook>("Gates").pre_enqueue = [](const PodRecord& pod) {
    return pod.facts.scheduling_gates.empty() ? Status{} : Unresolvable("gated");
  };
  builder.Add<PermitHook>("Permit").permit = [](const Cycle& cycle, NodeId) -> StepResult {
    const std::string& name = cycle.facts().name;
    if (name == "broken") throw std::runtime_error("no permit");
    if (name != "slow") return {};
    return {{Code::kWait, {}, {}}, {{}, absl::Seconds(130)}};
  };
  return builder.Build();
}

class Pending : public testing::Test {
 protected:
  // Returns "active/1 name attempts=0 retry=- by= message", a line a pod.
  Lines List(const PendingQuery& query = {}) {
    Lines lines;
    for (const PendingPod& pod : machine_->pending(query).pods) {
      lines.push_back(absl::StrCat(
          ToAbsl(NameOf(pod.queue)), "/", pod.position, " ", pod.pod.name,
          " attempts=", pod.attempts,
          " waiting=", absl::FormatDuration(machine_.now().mono - pod.queued_at), " retry=",
          pod.next_retry.has_value() ? absl::FormatDuration(*pod.next_retry - machine_.now().mono)
                                     : "-",
          " by=", absl::StrJoin(pod.plugins, ","), " ", pod.message));
    }
    return lines;
  }

  Machine machine_{MakeProfile()};
};

TEST_F(Pending, SaysWhereEachPodWaitsAndWhatFor) {
  machine_.Show(MakeNode("n1").Cpu("4"));
  machine_.Show(OurPod("gated").Gate("g"));
  machine_.Show(OurPod("large", "8"));
  machine_.Show(OurPod("broken"));
  machine_.Show(OurPod("slow"));
  machine_.Run();
  machine_.Pass(absl::Milliseconds(500));
  machine_.Show(OurPod("low").Priority(1));
  machine_.Show(OurPod("high").Priority(2));
  EXPECT_EQ(
      List(),
      (Lines{"active/1 high attempts=0 waiting=0 retry=- by= ",
             "active/2 low attempts=0 waiting=0 retry=- by= ",
             "backoff/1 broken attempts=1 waiting=500ms retry=500ms by= running Permit plugin "
             "\"Permit\": no permit",
             "unschedulable/1 large attempts=1 waiting=500ms retry=4m59.5s by=Fit 0/1 nodes are "
             "available: 1 Insufficient cpu.",
             "gated/1 gated attempts=0 waiting=500ms retry=- by=Gates gated",
             "inFlight/1 slow attempts=1 waiting=500ms retry=29.5s by= "}));
}

TEST_F(Pending, PodsLeaveTheirQueueInThisOrder) {
  machine_.Show(OurPod("b", "8"));
  machine_.Run();
  machine_.Pass(absl::Seconds(10));
  machine_.Show(OurPod("a", "8"));
  machine_.Run();
  PendingQuery query{.queue = PendingIn::kUnschedulable};
  PendingList list = machine_->pending(query);
  ASSERT_EQ(list.pods.size(), 2u);
  EXPECT_EQ(list.pods[0].pod.name, "b");
  EXPECT_EQ(list.pods[1].pod.name, "a");
  query.limit = 1;
  list = machine_->pending(query);
  EXPECT_EQ(list.pods.size(), 1u);
  EXPECT_EQ(list.remaining, 1u);
}

TEST_F(Pending, ANamespaceKeepsItsPositions) {
  machine_.Show(OurPod("a").Priority(3));
  machine_.Show(OurPod("team/b").Priority(2));
  machine_.Show(OurPod("c").Priority(1));
  const PendingList list = machine_->pending({.namespace_ = "team"});
  ASSERT_EQ(list.pods.size(), 1u);
  EXPECT_EQ(list.pods[0].position, 2u);
  EXPECT_EQ(list.remaining, 0u);
  EXPECT_TRUE(machine_->pending({.queue = PendingIn::kGated}).pods.empty());
}

}  // namespace pending_test
}  // namespace heat_scheduler
