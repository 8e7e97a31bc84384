// Groups against a scan of all nodes, with lists and with trees.
#include "scheduler/core/node_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace node_groups_test {

struct Known {
  std::int64_t value;
  std::uint64_t feature;
};

// All nodes that are in a group, by position.
using Model = std::map<std::size_t, Known>;

class NodeGroupsOf : public testing::TestWithParam<std::size_t> {
 protected:
  NodeGroupsOf() {
    for (std::size_t i = 0; i < GetParam(); ++i) AddNode(i);
    order_.Update(cluster_);
  }

  void AddNode(std::size_t number) {
    // Not in the order of the names.
    const std::size_t mixed = (number * 7919) % 100'003;
    cluster_.UpsertNode(MakeNode(absl::StrCat("n", 1'000'000 + mixed)).Ref());
  }

  ClusterState cluster_;
  NodeOrder order_;
};

void ExpectAlike(NodeGroups& groups, const Model& model, std::size_t from, const NodeOrder& order) {
  std::map<std::uint64_t, Model> by_feature;
  for (const auto& [position, known] : model) by_feature[known.feature].emplace(position, known);
  std::size_t not_empty = 0;
  for (std::size_t group = 0; group < groups.count(); ++group) {
    if (groups.size(group) == 0) continue;
    ++not_empty;
    const Model& expected = by_feature.at(groups.features(group)[0]);
    ASSERT_EQ(groups.size(group), expected.size());
    ASSERT_TRUE(expected.contains(order.Of(groups.any(group))));
    std::int64_t best = NodeGroups::kAbsent;
    for (const auto& [position, known] : expected) best = std::max(best, known.value);
    ASSERT_EQ(groups.Best(group), best);
    std::size_t count = 0;
    std::size_t first = 0;
    std::size_t nearest = order.size();
    std::int64_t second = NodeGroups::kAbsent;
    for (const auto& [position, known] : expected) {
      if (known.value != best) continue;
      ++count;
      const std::size_t distance = (position + order.size() - from) % order.size();
      if (distance >= nearest) continue;
      nearest = distance;
      first = position;
    }
    for (const auto& [position, known] : expected) {
      if (position != first) second = std::max(second, known.value);
    }
    ASSERT_EQ(groups.CountOf(group, best), count);
    ASSERT_EQ(groups.FirstFrom(group, from, best), first);
    ASSERT_EQ(groups.BestWithout(group, order.At(first)), second);
  }
  ASSERT_EQ(not_empty, by_feature.size());
}

TEST_P(NodeGroupsOf, AnswerAsAScanDoes) {
  NodeGroups groups(order_, 1, true);
  Random random(GetParam());
  Model model;
  for (int step = 0; step < 3000; ++step) {
    const std::size_t position = random.Below(order_.size());
    if (random.Below(4) == 0) {
      groups.Remove(order_.At(position));
      ASSERT_FALSE(groups.Has(order_.At(position)));
      model.erase(position);
    } else {
      // Most are in one group, which comes to have a tree, and loses it again in some rounds.
      const std::uint64_t feature =
          random.Below(3) == 0 || step / 500 % 2 == 1 ? random.Below(5) : 7;
      const Known known{static_cast<std::int64_t>(random.Below(6)) - 2, feature};
      const NodeId node = order_.At(position);
      const auto before = model.find(position);
      if (before != model.end() && before->second.feature == feature) {
        groups.SetValue(node, known.value);
      } else {
        groups.Put(node, known.value, {&known.feature, 1});
      }
      ASSERT_TRUE(groups.Has(node));
      ASSERT_EQ(groups.ValueOf(node), known.value);
      model[position] = known;
    }
    if (step % 10 == 0) {
      ASSERT_NO_FATAL_FAILURE(ExpectAlike(groups, model, random.Below(order_.size()), order_));
    }
  }
}

TEST_P(NodeGroupsOf, HaveANewVersionWhenAGroupComesOrGoes) {
  NodeGroups groups(order_, 1, false);
  const std::uint64_t red = 1;
  const std::uint64_t blue = 2;
  const NodeId first = order_.At(0);
  const NodeId last = order_.At(order_.size() - 1);
  std::uint64_t before = groups.version();
  EXPECT_NE(before, 0u);
  const auto rises = [&] { return std::exchange(before, groups.version()) < groups.version(); };
  groups.Put(first, 5, {&red, 1});
  EXPECT_TRUE(rises());
  groups.Put(last, 5, {&red, 1});
  EXPECT_FALSE(rises());
  groups.Put(last, 7, {&red, 1});
  EXPECT_FALSE(rises());
  groups.Put(last, 7, {&blue, 1});
  EXPECT_TRUE(rises());
  groups.Remove(first);
  EXPECT_TRUE(rises());
}

TEST_P(NodeGroupsOf, FollowANewOrder) {
  NodeGroups groups(order_, 1, true);
  std::map<NodeId, Known> by_node;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    by_node[order_.At(i)] = {static_cast<std::int64_t>(i % 7), i % 2};
    const std::uint64_t feature = i % 2;
    groups.Put(order_.At(i), static_cast<std::int64_t>(i % 7), {&feature, 1});
  }
  const NodeId gone = order_.At(order_.size() / 2);
  groups.Remove(gone);
  by_node.erase(gone);
  cluster_.RemoveNode(std::string(cluster_.columns().name[gone]));
  for (std::size_t i = 0; i < 40; ++i) AddNode(GetParam() + i);
  order_.Update(cluster_);
  groups.Reorder();
  Model model;
  for (const auto& [node, known] : by_node) model[order_.Of(node)] = known;
  ExpectAlike(groups, model, order_.size() / 3, order_);
}

INSTANTIATE_TEST_SUITE_P(Sizes, NodeGroupsOf, testing::Values(2, 20, 100, 700),
                         testing::PrintToStringParamName());

}  // namespace node_groups_test
}  // namespace heat_scheduler
