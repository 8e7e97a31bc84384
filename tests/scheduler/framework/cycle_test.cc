#include "scheduler/framework/cycle.h"

#include <memory>
#include <stdexcept>
#include <string>

#include "gtest/gtest.h"
#include "tests/scheduler/fake_plugins.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace cycle_test {

struct Count : PluginState {
  explicit Count(int its_value) : value(its_value) {}
  std::unique_ptr<PluginState> Clone() const override { return std::make_unique<Count>(value); }
  int value;
};

struct OtherState : PluginState {
  std::unique_ptr<PluginState> Clone() const override { return std::make_unique<OtherState>(); }
};

using Counter = Fake<PreFilterHook>;

TEST(CycleState, KeepsOneSlotAPlugin) {
  const Counter a("A");
  const Counter b("B");
  CycleState state;
  state.Put(&a, std::make_unique<Count>(1));
  state.Put(&b, std::make_unique<Count>(2));
  state.Put(&a, std::make_unique<Count>(3));
  EXPECT_EQ(state.Get<Count>(&a).value, 3);
  EXPECT_EQ(state.Get<Count>(&b).value, 2);
}

TEST(CycleState, ACopyIsChangedByItself) {
  const Counter plugin("A");
  CycleState state;
  state.Put(&plugin, std::make_unique<Count>(1));
  const CycleState copy = state.Clone();
  copy.Get<Count>(&plugin).value = 7;
  EXPECT_EQ(state.Get<Count>(&plugin).value, 1);
}

TEST(CycleState, KnowsWhichPreFiltersRanAndWhichSaidSkip) {
  const Counter ran("A");
  const Counter skipped("B");
  const Counter other("C");
  CycleState state;
  state.NotePreFilter(&ran, false);
  state.NotePreFilter(&skipped, true);
  const CycleState copy = state.Clone();
  EXPECT_TRUE(copy.PreFilterRan(&ran) && copy.PreFilterRan(&skipped));
  EXPECT_FALSE(copy.PreFilterRan(&other) || copy.FilterSkipped(&other));
  EXPECT_TRUE(copy.FilterSkipped(&skipped));
  EXPECT_FALSE(copy.FilterSkipped(&ran));
}

TEST(CycleState, AskingForWhatWasNotPutThrows) {
  const Counter plugin("A");
  const Counter other("B");
  CycleState state;
  state.Put(&other, std::make_unique<Count>(1));
  const auto ask = [&] {
    try {
      state.Get<Count>(&plugin);
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string("found");
  };
  EXPECT_EQ(ask(), "error reading \"A\" from cycleState: not found");
  // As where only PreFilter has run, and it is asked for what PreScore makes.
  state.Put(&plugin, std::make_unique<OtherState>());
  EXPECT_EQ(ask(), "error reading \"A\" from cycleState: not found");
  state.Put(&plugin, std::make_unique<Count>(2));
  EXPECT_EQ(ask(), "found");
}

// What a dry run does: pods are counted on and off a row for a look, and the plugin corrects a copy
// of its cycle data.
TEST(PreFilterExtensions, CorrectTheCycleDataOfADryRun) {
  Counter plugin("A");
  plugin.pre_filter = [&plugin](const Cycle& cycle) {
    cycle.state.Put(
        &plugin, std::make_unique<Count>(static_cast<int>(cycle.cluster.columns().pods[0].size())));
    return PreFilterResult{};
  };
  plugin.add_pod = [&plugin](const Cycle& cycle, const PodRecord&, NodeId) {
    ++cycle.state.Get<Count>(&plugin).value;
  };
  plugin.remove_pod = [&plugin](const Cycle& cycle, const PodRecord&, NodeId) {
    --cycle.state.Get<Count>(&plugin).value;
  };

  ClusterState cluster;
  cluster.UpsertNode(MakeNode("n").Ref());
  const NodeId node = cluster.FindNode("n");
  const PodRecord& victim = cluster.UpsertPod(MakePod("victim").Node("n").Ref());
  const PodRecord& pod = cluster.UpsertPod(MakePod("p").Ref());
  CycleState state;
  plugin.PreFilter({cluster, pod, state, {}});
  {
    CycleState copy = state.Clone();
    const Cycle dry_run{cluster, pod, copy, {}};
    ClusterState::WhatIf what_if(cluster, node);
    what_if.Remove(victim);
    plugin.RemovePod(dry_run, victim, node);
    EXPECT_EQ(copy.Get<Count>(&plugin).value, 0);
    what_if.Add(victim);
    plugin.AddPod(dry_run, victim, node);
    EXPECT_EQ(copy.Get<Count>(&plugin).value, 1);
  }
  EXPECT_EQ(state.Get<Count>(&plugin).value, 1);
}

}  // namespace cycle_test
}  // namespace heat_scheduler
