// The plugins that read one pod alone: PrioritySort, SchedulingGates, DefaultBinder.
#include <string>
#include <variant>
#include <vector>

#include "gtest/gtest.h"
#include "plugins/defaults/default_binder.h"
#include "plugins/defaults/priority_sort.h"
#include "plugins/defaults/scheduling_gates.h"
#include "scheduler/framework/effects.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace queue_and_bind_test {

// ---- PrioritySort ----

PodRecord Record(const kube::Pod& pod) {
  PodRecord record;
  record.facts = FactsOf(pod);
  return record;
}

bool Less(std::int32_t priority_a, int seconds_a, std::int32_t priority_b, int seconds_b) {
  const PodRecord a = Record(MakePod("a").Priority(priority_a));
  const PodRecord b = Record(MakePod("b").Priority(priority_b));
  return PrioritySort().Less({&a, absl::Seconds(seconds_a), 1}, {&b, absl::Seconds(seconds_b), 2});
}

TEST(PrioritySort, PutsGreaterPriorityFirst) {
  EXPECT_TRUE(Less(1, 9, 0, 1));
  EXPECT_FALSE(Less(0, 1, 1, 9));
  EXPECT_TRUE(Less(INT32_MAX, 0, INT32_MIN, 0));
  EXPECT_FALSE(Less(INT32_MIN, 0, INT32_MAX, 0));
}

TEST(PrioritySort, PutsTheLongestWaitingFirstAmongEquals) {
  EXPECT_TRUE(Less(5, 1, 5, 2));
  EXPECT_FALSE(Less(5, 2, 5, 1));
  EXPECT_FALSE(Less(5, 2, 5, 2));
}

// ---- SchedulingGates ----

std::string PreEnqueue(const kube::Pod& pod) {
  const Status status = SchedulingGates().PreEnqueue(Record(pod));
  return Text(status.code, status.reasons);
}

TEST(SchedulingGates, HoldsPodsWithGates) {
  EXPECT_EQ(PreEnqueue(MakePod("p")), "ok");
  EXPECT_EQ(PreEnqueue(MakePod("p").Gate("a.example/b")),
            "UnschedulableAndUnresolvable: waiting for scheduling gates: [a.example/b]");
  EXPECT_EQ(PreEnqueue(MakePod("p").Gate("example.com/quota").Gate("example.com/net")),
            "UnschedulableAndUnresolvable: waiting for scheduling gates: [example.com/quota "
            "example.com/net]");
}

// ---- DefaultBinder ----

class Sink final : public EffectSink {
 public:
  void Emit(Effect effect) override { effects.push_back(std::move(effect)); }
  std::vector<Effect> effects;
};

TEST(DefaultBinder, AsksForTheBinding) {
  const auto cluster = MakeCluster({MakeNode("n0"), MakeNode("n1")});
  DefaultBinder plugin;
  Asking asking(*cluster, MakePod("shop/web").Uid("u-1"), plugin);
  Sink sink;
  const Status status = plugin.Bind(asking.cycle(), cluster->FindNode("n1"), sink);
  EXPECT_TRUE(status.ok());
  ASSERT_EQ(sink.effects.size(), 1u);
  const auto& bind = std::get<BindEffect>(sink.effects[0]);
  EXPECT_EQ(bind.pod.namespace_, "shop");
  EXPECT_EQ(bind.pod.name, "web");
  EXPECT_EQ(bind.pod.uid, "u-1");
  EXPECT_EQ(bind.node, "n1");
}

}  // namespace queue_and_bind_test
}  // namespace heat_scheduler
