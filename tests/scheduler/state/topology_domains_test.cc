#include "scheduler/state/topology_domains.h"

#include <gtest/gtest.h>

#include "scheduler/state/cluster_state.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace topology_domains_test {

TEST(TopologyDomains, FollowNodesThatComeChangeAndGo) {
  ClusterState cluster;
  cluster.UpsertNode(MakeNode("a").Label("zone", "x").Ref());
  const auto zones = cluster.Topology("zone");
  cluster.UpsertNode(MakeNode("b").Label("zone", "y").Ref());
  cluster.UpsertNode(MakeNode("c").Ref());
  const NodeId a = cluster.FindNode("a");
  const NodeId b = cluster.FindNode("b");
  const NodeId c = cluster.FindNode("c");
  EXPECT_NE(zones->Of(a), zones->Of(b));
  EXPECT_EQ(zones->Of(c), kNoDomain);
  EXPECT_TRUE(zones->one_node_each());

  cluster.UpsertNode(MakeNode("c").Label("zone", "x").Ref());
  EXPECT_EQ(zones->Of(c), zones->Of(a));
  EXPECT_FALSE(zones->one_node_each());

  cluster.RemoveNode("a");
  EXPECT_EQ(zones->Of(a), kNoDomain);
  EXPECT_TRUE(zones->one_node_each());
}

TEST(TopologyDomains, KnowTheEmptyValue) {
  ClusterState cluster;
  const auto zones = cluster.Topology("zone");
  cluster.UpsertNode(MakeNode("a").Ref());
  EXPECT_FALSE(zones->has_empty_value());
  cluster.UpsertNode(MakeNode("a").Label("zone", "").Ref());
  EXPECT_TRUE(zones->has_empty_value());
  cluster.UpsertNode(MakeNode("a").Label("zone", "x").Ref());
  EXPECT_FALSE(zones->has_empty_value());
}

TEST(TopologyDomains, NumbersAreGivenAgain) {
  TopologyDomains domains("zone");
  for (int i = 0; i < 100; ++i) {
    const std::string value = std::to_string(i);
    domains.Set(0, &value);
  }
  EXPECT_LE(domains.bound(), 2u);
}

TEST(TopologyDomains, AreSharedWhileSomebodyHoldsThem) {
  ClusterState cluster;
  cluster.UpsertNode(MakeNode("a").Label("zone", "x").Ref());
  const auto zones = cluster.Topology("zone");
  std::weak_ptr<const TopologyDomains> disks = cluster.Topology("disk");
  EXPECT_EQ(cluster.Topology("zone"), zones);
  cluster.Topology("rack");
  EXPECT_TRUE(disks.expired());
  EXPECT_EQ(cluster.Topology("zone"), zones);
}

}  // namespace topology_domains_test
}  // namespace heat_scheduler
