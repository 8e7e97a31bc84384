#include <gtest/gtest.h>

#include "kube/codec.h"
#include "tests/support/objects.h"

namespace heat_scheduler::kube {
namespace metadata_test {

TEST(KeyOf, JoinsNamespaceAndName) {
  EXPECT_EQ(KeyOf(MakePod("shop/web").Ref()->metadata), "shop/web");
  EXPECT_EQ(KeyOf(MakeNode("n1").Ref()->metadata), "n1");
}

TEST(MetadataOf, LooksIntoAnyKind) {
  EXPECT_EQ(MetadataOf(Object(MakePod("shop/web").Ref())).name, "web");
  EXPECT_EQ(MetadataOf(Object(MakeNode("n1").Ref())).name, "n1");
}

TEST(KindName, IsTheApisOwn) {
  EXPECT_EQ(KindName(Kind::kPod), "Pod");
  EXPECT_EQ(KindName(Kind::kCsiNode), "CSINode");
  EXPECT_EQ(KindName(Kind::kCsiStorageCapacity), "CSIStorageCapacity");
  EXPECT_EQ(KindName(Kind::kReplicationController), "ReplicationController");
}

}  // namespace metadata_test
}  // namespace heat_scheduler::kube
