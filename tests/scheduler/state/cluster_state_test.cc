#include "scheduler/state/cluster_state.h"

#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/state/node_diff.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace cluster_state_test {

using Where = PodRecord::Where;

std::vector<std::string> Names(const ClusterState& state) {
  std::vector<std::string> names;
  for (NodeId node : state.nodes()) names.push_back(state.columns().name[node]);
  return names;
}

std::int64_t MilliCpuOn(const ClusterState& state, NodeId node) {
  return state.columns().requested[node].milli_cpu;
}

TEST(PodKey, IsTheUidOrNamespaceAndName) {
  EXPECT_EQ(PodKey("ns", "p", "u"), "u");
  EXPECT_EQ(PodKey("ns", "p", ""), "ns/p");
  EXPECT_EQ(PodKey(FactsOf(MakePod("ns/p").Uid("u"))), "u");
}

TEST(ClusterStateNodes, AreInNameOrderWhateverTheOrderOfArrival) {
  ClusterState state;
  for (const char* name : {"n3", "n1", "n10", "n2"}) state.UpsertNode(MakeNode(name).Ref());
  EXPECT_EQ(Names(state), (std::vector<std::string>{"n1", "n10", "n2", "n3"}));
  EXPECT_TRUE(state.RemoveNode("n10"));
  EXPECT_FALSE(state.RemoveNode("n10"));
  EXPECT_EQ(Names(state), (std::vector<std::string>{"n1", "n2", "n3"}));
}

TEST(ClusterStateNodes, ColumnsHoldWhatTheNodeOffers) {
  ClusterState state;
  state.UpsertNode(
      MakeNode("n").Cpu("4").Memory("8Gi").Pods(30).Resource("example.com/gpu", "2").Ref());
  const NodeId node = state.FindNode("n");
  const Resources& allocatable = state.columns().allocatable[node];
  EXPECT_EQ(allocatable.milli_cpu, 4000);
  EXPECT_EQ(allocatable.memory, std::int64_t{8} << 30);
  EXPECT_EQ(AmountOf(allocatable.scalars, *state.resource_names().Find("example.com/gpu")), 2);
  EXPECT_EQ(state.columns().allowed_pods[node], 30);
}

TEST(ClusterStateNodes, UpsertSaysWhatChanged) {
  ClusterState state;
  EXPECT_EQ(state.UpsertNode(MakeNode("n").Cpu("4").Ref()), kInputsOfNewNode);
  EXPECT_EQ(state.UpsertNode(MakeNode("n").Cpu("4").Ref()), Inputs{});
  EXPECT_EQ(state.UpsertNode(MakeNode("n").Cpu("5").Ref()), Inputs{Input::kNodeResources});
  EXPECT_EQ(state.columns().allocatable[state.FindNode("n")].milli_cpu, 5000);
  state.RemoveNode("n");
  EXPECT_EQ(state.UpsertNode(MakeNode("n").Cpu("5").Ref()), kInputsOfNewNode);
}

TEST(ClusterStateNodes, AHeartbeatMovesNoSequence) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Ref());
  const NodeId node = state.FindNode("n");
  const std::uint64_t before = state.sequence();
  state.UpsertNode(MakeNode("n").ResourceVersion("2").Ref());
  EXPECT_EQ(state.sequence(), before);
  EXPECT_EQ(state.columns().node[node]->metadata.resource_version, "2");
  state.UpsertNode(MakeNode("n").Annotation("temp", "40").Ref());
  EXPECT_GT(state.columns().changed_at[node], before);
}

TEST(ClusterStateNodes, ANodeThatVanishesKeepsItsRowWhilePodsRemain) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Cpu("4").Ref());
  const NodeId row = state.FindNode("n");
  state.UpsertPod(MakePod("p").Cpu("1").Node("n").Ref());
  EXPECT_TRUE(state.RemoveNode("n"));
  EXPECT_EQ(state.FindNode("n"), kNoNode);
  EXPECT_EQ(Names(state), std::vector<std::string>{});
  EXPECT_EQ(MilliCpuOn(state, row), 1000);
  EXPECT_EQ(state.columns().allocatable[row], Resources{});
  EXPECT_EQ(state.columns().allowed_pods[row], 0);

  state.UpsertNode(MakeNode("m").Ref());
  EXPECT_NE(state.FindNode("m"), row);
  state.UpsertNode(MakeNode("n").Cpu("4").Ref());
  EXPECT_EQ(state.FindNode("n"), row);
  EXPECT_EQ(MilliCpuOn(state, row), 1000);
}

TEST(ClusterStateNodes, AnEmptyRowIsUsedAgain) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Cpu("4").Ref());
  state.UpsertPod(MakePod("p").Cpu("1").Node("n").Ref());
  const NodeId row = state.FindNode("n");
  state.RemoveNode("n");
  state.RemovePod("default-p-uid");
  state.UpsertNode(MakeNode("other").Ref());
  EXPECT_EQ(state.FindNode("other"), row);
  EXPECT_EQ(state.columns().requested[row], Resources{});
  EXPECT_EQ(state.columns().nonzero_milli_cpu[row], 0);
  EXPECT_EQ(state.columns().node.size(), 1u);
}

TEST(ClusterStatePods, ABoundPodCountsOnItsNode) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Ref());
  const PodRecord& pod = state.UpsertPod(MakePod("p").Cpu("1").Memory("1Ki").Node("n").Ref());
  const NodeId node = state.FindNode("n");
  EXPECT_EQ(pod.where, Where::kBound);
  EXPECT_EQ(pod.node, node);
  EXPECT_EQ(state.columns().requested[node], (Resources{1000, 1024, 0, {}}));
  EXPECT_EQ(state.columns().nonzero_milli_cpu[node], 1000);
  EXPECT_EQ(state.columns().nonzero_memory[node], 1024);
  EXPECT_EQ(state.columns().pods[node], std::vector<const PodRecord*>{&pod});
  EXPECT_EQ(state.FindPod("default-p-uid"), &pod);
}

TEST(ClusterStatePods, ABoundPodMayComeBeforeItsNode) {
  ClusterState state;
  const PodRecord& pod = state.UpsertPod(MakePod("p").Cpu("1").Node("n").Ref());
  EXPECT_EQ(state.FindNode("n"), kNoNode);
  EXPECT_EQ(MilliCpuOn(state, pod.node), 1000);
  state.UpsertNode(MakeNode("n").Cpu("4").Ref());
  EXPECT_EQ(state.FindNode("n"), pod.node);
  EXPECT_EQ(MilliCpuOn(state, pod.node), 1000);
}

TEST(ClusterStatePods, TerminatedPodsCountNowhere) {
  for (const char* phase : {"Succeeded", "Failed"}) {
    ClusterState state;
    state.UpsertNode(MakeNode("n").Ref());
    state.UpsertPod(MakePod("p").Cpu("1").Node("n").Ref());
    const PodRecord& pod = state.UpsertPod(MakePod("p").Cpu("1").Node("n").Phase(phase).Ref());
    EXPECT_EQ(pod.where, Where::kTerminated) << phase;
    EXPECT_EQ(pod.node, kNoNode);
    EXPECT_EQ(MilliCpuOn(state, state.FindNode("n")), 0);
    EXPECT_TRUE(state.columns().pods[state.FindNode("n")].empty());
  }
}

TEST(ClusterStatePods, ADeletingPodStillCounts) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Ref());
  const NodeId node = state.FindNode("n");
  state.UpsertPod(MakePod("p").Cpu("1").Node("n").Ref());
  const std::uint64_t before = state.sequence();
  state.UpsertPod(MakePod("p").Cpu("1").Node("n").Deleting(absl::UnixEpoch()).Ref());
  EXPECT_EQ(MilliCpuOn(state, node), 1000);
  EXPECT_GT(state.columns().changed_at[node], before);
}

TEST(ClusterStatePods, AnUpdateChangesWhatIsCounted) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Ref());
  const NodeId node = state.FindNode("n");
  state.UpsertPod(MakePod("p").Cpu("1").Node("n").Ref());
  state.UpsertPod(MakePod("p").Cpu("2").Node("n").Ref());
  EXPECT_EQ(MilliCpuOn(state, node), 2000);
  EXPECT_EQ(state.columns().pods[node].size(), 1u);
  EXPECT_EQ(state.pod_classes().size(), 1u);
}

TEST(ClusterStatePods, OnlyChangesThatCountMarkTheRow) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Ref());
  const NodeId node = state.FindNode("n");
  state.UpsertPod(MakePod("p").Cpu("1").Node("n").Ref());
  const std::uint64_t before = state.sequence();
  state.UpsertPod(MakePod("p").Cpu("1").Node("n").Phase("Running").Ref());
  EXPECT_EQ(state.sequence(), before);
  state.UpsertPod(MakePod("p").Cpu("1").Node("n").Label("app", "web").Ref());
  EXPECT_GT(state.columns().changed_at[node], before);
}

TEST(ClusterStatePods, RemovalTakesThePodOffItsNode) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Ref());
  state.UpsertPod(MakePod("p").Cpu("1").Node("n").Ref());
  EXPECT_TRUE(state.RemovePod("default-p-uid"));
  EXPECT_FALSE(state.RemovePod("default-p-uid"));
  EXPECT_EQ(state.FindPod("default-p-uid"), nullptr);
  EXPECT_EQ(MilliCpuOn(state, state.FindNode("n")), 0);
  EXPECT_EQ(state.pod_count(), 0u);
  EXPECT_EQ(state.pod_classes().size(), 0u);
}

TEST(ClusterStatePods, WithoutUidTheNameTakesItsPlace) {
  ClusterState state;
  state.UpsertPod(MakePod("ns/p").Uid("").Ref());
  EXPECT_NE(state.FindPod("ns/p"), nullptr);
  EXPECT_TRUE(state.RemovePod("ns/p"));
}

class AssumedPod : public testing::Test {
 protected:
  void SetUp() override {
    state_.UpsertNode(MakeNode("a").Ref());
    state_.UpsertNode(MakeNode("b").Ref());
    a_ = state_.FindNode("a");
    b_ = state_.FindNode("b");
    state_.UpsertPod(MakePod("p").Cpu("1").Ref());
    state_.Assume(*state_.FindPod(kUid), a_);
  }

  void ExpectCpu(std::int64_t on_a, std::int64_t on_b) {
    EXPECT_EQ(MilliCpuOn(state_, a_), on_a);
    EXPECT_EQ(MilliCpuOn(state_, b_), on_b);
  }

  static constexpr char kUid[] = "default-p-uid";
  ClusterState state_;
  NodeId a_ = kNoNode;
  NodeId b_ = kNoNode;
};

TEST_F(AssumedPod, CountsAtOnce) {
  EXPECT_EQ(state_.FindPod(kUid)->where, Where::kAssumed);
  ExpectCpu(1000, 0);
}

TEST_F(AssumedPod, StaysThroughAnUnboundUpdate) {
  state_.UpsertPod(MakePod("p").Cpu("1").Label("x", "y").Ref());
  EXPECT_EQ(state_.FindPod(kUid)->where, Where::kAssumed);
  ExpectCpu(1000, 0);
}

TEST_F(AssumedPod, CountsByItsNewRequestsAfterAnUpdate) {
  state_.UpsertPod(MakePod("p").Cpu("3").Ref());
  ExpectCpu(3000, 0);
}

TEST_F(AssumedPod, IsNotCountedTwiceWhenSeenBound) {
  const std::uint64_t before = state_.sequence();
  state_.UpsertPod(MakePod("p").Cpu("1").Node("a").Ref());
  EXPECT_EQ(state_.FindPod(kUid)->where, Where::kBound);
  ExpectCpu(1000, 0);
  EXPECT_EQ(state_.sequence(), before);
}

TEST_F(AssumedPod, CountsWhereTheApiSays) {
  state_.UpsertPod(MakePod("p").Cpu("1").Node("b").Ref());
  EXPECT_EQ(state_.FindPod(kUid)->node, b_);
  ExpectCpu(0, 1000);
}

TEST_F(AssumedPod, IsPendingAgainOnceForgotten) {
  state_.Forget(kUid);
  EXPECT_EQ(state_.FindPod(kUid)->where, Where::kPending);
  EXPECT_EQ(state_.FindPod(kUid)->node, kNoNode);
  ExpectCpu(0, 0);
  state_.Forget(kUid);
  ExpectCpu(0, 0);
}

TEST_F(AssumedPod, CannotBeForgottenOnceSeenBound) {
  state_.UpsertPod(MakePod("p").Cpu("1").Node("a").Ref());
  state_.Forget(kUid);
  EXPECT_EQ(state_.FindPod(kUid)->where, Where::kBound);
  ExpectCpu(1000, 0);
}

TEST_F(AssumedPod, ThatWasSeenBoundIgnoresAnOldView) {
  state_.UpsertPod(MakePod("p").Cpu("1").Node("a").Ref());
  state_.UpsertPod(MakePod("p").Cpu("2").Ref());
  EXPECT_EQ(state_.FindPod(kUid)->where, Where::kBound);
  EXPECT_EQ(state_.FindPod(kUid)->facts.node_name, "a");
  ExpectCpu(1000, 0);
}

TEST_F(AssumedPod, KeepsItsRowWhenTheNodeVanishes) {
  state_.RemoveNode("a");
  ExpectCpu(1000, 0);
  state_.Forget(kUid);
  state_.UpsertNode(MakeNode("c").Ref());
  EXPECT_EQ(state_.FindNode("c"), a_);
}

TEST_F(AssumedPod, ThatTerminatesCountsNowhere) {
  state_.UpsertPod(MakePod("p").Cpu("1").Phase("Failed").Ref());
  EXPECT_EQ(state_.FindPod(kUid)->where, Where::kTerminated);
  ExpectCpu(0, 0);
  state_.Forget(kUid);
  EXPECT_EQ(state_.FindPod(kUid)->where, Where::kTerminated);
}

using AssumedPodDeathTest = AssumedPod;

TEST_F(AssumedPodDeathTest, AssumingTwiceIsOurMistake) {
  EXPECT_DEATH(state_.Assume(*state_.FindPod(kUid), b_), "only a pending pod");
}

// ---- Nominations ----

class NominatedPod : public testing::Test {
 protected:
  NominatedPod() {
    state_.UpsertNode(MakeNode("a").Ref());
    state_.UpsertNode(MakeNode("b").Ref());
    Show(MakePod("p").Nominated("a"));
  }
  void Show(const PodBuilder& pod) { state_.UpsertPod(pod.Ref()); }
  // Returns the names of the pods that are nominated to the node.
  std::string On(const std::string& node) const {
    std::string names;
    for (const PodRecord* pod : state_.columns().nominated[state_.FindNode(node)]) {
      names += pod->facts.name + " ";
    }
    return names;
  }
  std::uint64_t ChangedAt(const std::string& node) const {
    return state_.columns().changed_at[state_.FindNode(node)];
  }

  static constexpr char kUid[] = "default-p-uid";
  ClusterState state_;
};

TEST_F(NominatedPod, IsListedOnItsNodeAndCountsNowhere) {
  EXPECT_EQ(On("a"), "p ");
  EXPECT_TRUE(state_.columns().pods[state_.FindNode("a")].empty());
  EXPECT_EQ(state_.nomination_count(), 1u);
}

TEST_F(NominatedPod, AreInTheOrderOfTheirNominations) {
  Show(MakePod("z").Nominated("a"));
  Show(MakePod("b").Nominated("a"));
  Show(MakePod("p").Nominated("a").Label("x", "y"));
  EXPECT_EQ(On("a"), "p z b ");
}

TEST_F(NominatedPod, MovesWithWhatTheApiShows) {
  const std::uint64_t before = ChangedAt("a");
  Show(MakePod("p").Nominated("b"));
  EXPECT_EQ(On("a") + "|" + On("b"), "|p ");
  EXPECT_GT(ChangedAt("a"), before);
  EXPECT_GT(ChangedAt("b"), before);
  Show(MakePod("p"));
  EXPECT_EQ(state_.nomination_count(), 0u);
}

TEST_F(NominatedPod, HoldsWhatWasDecidedUntilTheApiShowsAChange) {
  state_.Nominate(kUid, "b");
  EXPECT_EQ(On("a") + "|" + On("b"), "|p ");
  Show(MakePod("p").Nominated("a").Label("x", "y"));
  EXPECT_EQ(On("a") + "|" + On("b"), "|p ");
  Show(MakePod("p").Label("x", "y"));
  EXPECT_EQ(state_.nomination_count(), 0u);
}

TEST_F(NominatedPod, ThatIsAssumedIsListedNoMoreUntilItIsForgotten) {
  state_.Assume(*state_.FindPod(kUid), state_.FindNode("b"));
  EXPECT_EQ(On("a"), "");
  state_.Forget(kUid);
  EXPECT_EQ(On("a"), "p ");
}

TEST_F(NominatedPod, ThatIsBoundTerminatedOrGoneIsListedNoMore) {
  Show(MakePod("bound").Nominated("a"));
  Show(MakePod("failed").Nominated("a"));
  Show(MakePod("bound").Nominated("a").Node("b"));
  Show(MakePod("failed").Nominated("a").Phase("Failed"));
  EXPECT_EQ(On("a"), "p ");
  state_.RemovePod(kUid);
  EXPECT_EQ(On("a"), "");
  EXPECT_EQ(state_.nomination_count(), 0u);
}

TEST_F(NominatedPod, FindsItsNodeWhenThatComesBack) {
  state_.RemoveNode("a");
  state_.UpsertNode(MakeNode("other").Ref());
  state_.UpsertNode(MakeNode("a").Ref());
  EXPECT_EQ(On("a"), "p ");
  EXPECT_EQ(On("other"), "");
}

TEST_F(NominatedPod, RowsAreThoseThatListAny) {
  const NodeSpan rows = state_.nominated_rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(state_.columns().name[rows[0]], "a");
  Show(MakePod("z").Nominated("a"));
  EXPECT_EQ(state_.nominated_rows().size(), 1u);
  Show(MakePod("p").Nominated("b"));
  EXPECT_EQ(state_.nominated_rows().size(), 2u);
  Show(MakePod("z"));
  ASSERT_EQ(state_.nominated_rows().size(), 1u);
  EXPECT_EQ(state_.columns().name[state_.nominated_rows()[0]], "b");
}

TEST(ClusterState, KnowsTheLeastPriorityThatCounts) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Ref());
  EXPECT_FALSE(state.AnyPodBelow(5));
  state.UpsertPod(MakePod("pending").Priority(1).Ref());
  EXPECT_FALSE(state.AnyPodBelow(5));
  state.UpsertPod(MakePod("a").Priority(4).Node("n").Ref());
  EXPECT_TRUE(state.AnyPodBelow(5));
  EXPECT_FALSE(state.AnyPodBelow(4));
  state.UpsertPod(MakePod("a").Priority(6).Node("n").Ref());
  EXPECT_FALSE(state.AnyPodBelow(5));
  state.RemovePod("default-a-uid");
  EXPECT_FALSE(state.AnyPodBelow(7));
}

TEST(ClusterState, MarksTheRowOfAPodThatStarts) {
  ClusterState state;
  kube::Pod pod = MakePod("a").Node("n");
  const NodeId row = state.UpsertPod(std::make_shared<const kube::Pod>(pod)).node;
  const std::uint64_t before = state.columns().changed_at[row];
  pod.status.phase = "Running";
  state.UpsertPod(std::make_shared<const kube::Pod>(pod));
  EXPECT_EQ(state.columns().changed_at[row], before);
  pod.status.start_time = absl::UnixEpoch();
  state.UpsertPod(std::make_shared<const kube::Pod>(pod));
  EXPECT_GT(state.columns().changed_at[row], before);
}

TEST(ClusterStateSums, TakingOffUndoesCountingOnEvenBeyondTheEnd) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Ref());
  const NodeId node = state.FindNode("n");
  state.UpsertPod(MakePod("small").Memory("5").Node("n").Ref());
  state.UpsertPod(MakePod("huge").Memory("9223372036854775807").Node("n").Ref());
  EXPECT_EQ(state.columns().requested[node].memory, std::numeric_limits<std::int64_t>::max());
  state.RemovePod("default-huge-uid");
  EXPECT_EQ(state.columns().requested[node].memory, 5);
  EXPECT_EQ(state.columns().nonzero_memory[node], 5);
}

TEST(WhatIf, CountsOnAndOffAndPutsEverythingBack) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Ref());
  const NodeId node = state.FindNode("n");
  const PodRecord& first = state.UpsertPod(MakePod("a").Cpu("1").Node("n").Ref());
  const PodRecord& second = state.UpsertPod(MakePod("b").Cpu("2").Node("n").Ref());
  const PodRecord& pending = state.UpsertPod(MakePod("c").Cpu("4").Ref());
  const NodeColumns before = state.columns();
  const std::uint64_t sequence = state.sequence();
  {
    ClusterState::WhatIf what_if(state, node);
    what_if.Remove(first);
    EXPECT_EQ(MilliCpuOn(state, node), 2000);
    what_if.Add(pending);
    EXPECT_EQ(MilliCpuOn(state, node), 6000);
    what_if.Add(first);
    EXPECT_EQ(state.columns().pods[node],
              (std::vector<const PodRecord*>{&second, &pending, &first}));
    {
      ClusterState::WhatIf inner(state, node);
      inner.Remove(second);
      EXPECT_EQ(MilliCpuOn(state, node), 5000);
    }
    EXPECT_EQ(MilliCpuOn(state, node), 7000);
    EXPECT_EQ(state.sequence(), sequence);
    EXPECT_EQ(state.columns().changed_at, before.changed_at);
  }
  EXPECT_EQ(state.columns().requested, before.requested);
  EXPECT_EQ(state.columns().nonzero_milli_cpu, before.nonzero_milli_cpu);
  EXPECT_EQ(state.columns().nonzero_memory, before.nonzero_memory);
  EXPECT_EQ(state.columns().pods, before.pods);
  EXPECT_EQ(state.columns().changed_at, before.changed_at);
  EXPECT_EQ(state.sequence(), sequence);
  EXPECT_EQ(pending.where, Where::kPending);
}

// In kube-scheduler's dry runs, NodeInfo.UsedPorts is a set.
TEST(ClusterState, FreesAPortInALookWithTheFirstOfThoseThatHoldIt) {
  ClusterState state;
  state.UpsertNode(MakeNode("n").Ref());
  state.UpsertPod(MakePod("a").Node("n").Port(80).Port(81).Ref());
  const PodRecord& b = state.UpsertPod(MakePod("b").Node("n").Port(80).Ref());
  const auto& ports = state.columns().used_ports[b.node];
  const kube::HostPort p80{"TCP", "0.0.0.0", 80};
  const kube::HostPort p81{"TCP", "0.0.0.0", 81};
  EXPECT_EQ(ports, (std::vector<kube::HostPort>{p80, p81}));
  {
    ClusterState::WhatIf what_if(state, b.node);
    what_if.Remove(b);
    EXPECT_EQ(ports, (std::vector<kube::HostPort>{p81}));
    what_if.Add(b);
    EXPECT_EQ(ports, (std::vector<kube::HostPort>{p80, p81}));
  }
  state.RemovePod(PodKey(b.facts));
  EXPECT_EQ(ports, (std::vector<kube::HostPort>{p80, p81}));
}

}  // namespace cluster_state_test
}  // namespace heat_scheduler
