#include "scheduler/state/image_index.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/state/cluster_state.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace image_index_test {

using Holders = ImageIndex::Holders;

TEST(ImageIndex, KnowsTheHoldersByEveryName) {
  ImageIndex index;
  index.Add(7, {{{"app:1", "app@sha256:1"}, 100}, {{"other:1"}, 5}});
  index.Add(3, {{{"app:1"}, 100}});
  EXPECT_EQ(*index.Find("app:1"), (Holders{{3, 100}, {7, 100}}));
  EXPECT_EQ(*index.Find("app@sha256:1"), (Holders{{7, 100}}));
  EXPECT_EQ(index.Find("app"), nullptr);
  EXPECT_EQ(index.size(), 3u);
}

TEST(ImageIndex, TakesTheFirstSizeOfANodeAndForgetsItAtOnce) {
  ImageIndex index;
  const std::vector<kube::ContainerImage> twice = {{{"app:1"}, 100}, {{"app:1", "b"}, 200}};
  index.Add(1, twice);
  EXPECT_EQ(*index.Find("app:1"), (Holders{{1, 100}}));
  EXPECT_EQ(*index.Find("b"), (Holders{{1, 200}}));
  index.Add(2, {{{"b"}, 200}});
  index.Remove(1, twice);
  EXPECT_EQ(index.Find("app:1"), nullptr);
  EXPECT_EQ(*index.Find("b"), (Holders{{2, 200}}));
  EXPECT_EQ(index.size(), 1u);
}

TEST(ImageIndex, FollowsTheNodesOfTheClusterState) {
  ClusterState state;
  state.UpsertNode(MakeNode("a").Image("app:1", 100).Ref());
  state.UpsertNode(MakeNode("b").Image("app:1", 100).Ref());
  const NodeId a = state.FindNode("a"), b = state.FindNode("b");
  EXPECT_EQ(*state.images().Find("app:1"), (Holders{{a, 100}, {b, 100}}));
  state.UpsertNode(MakeNode("a").Image("app:2", 90).Ref());
  EXPECT_EQ(*state.images().Find("app:1"), (Holders{{b, 100}}));
  EXPECT_EQ(*state.images().Find("app:2"), (Holders{{a, 90}}));
  // A change of something else leaves them; a node that vanished has none, also while pods remain.
  state.UpsertNode(MakeNode("a").Image("app:2", 90).Cpu("1").Ref());
  EXPECT_EQ(*state.images().Find("app:2"), (Holders{{a, 90}}));
  state.UpsertPod(MakePod("p").Node("a").Ref());
  state.RemoveNode("a");
  EXPECT_EQ(state.images().Find("app:2"), nullptr);
  state.RemoveNode("b");
  EXPECT_EQ(state.images().size(), 0u);
  state.UpsertNode(MakeNode("a").Image("app:2", 90).Ref());
  EXPECT_EQ(*state.images().Find("app:2"), (Holders{{a, 90}}));
}

}  // namespace image_index_test
}  // namespace heat_scheduler
