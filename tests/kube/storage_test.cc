#include "kube/storage.h"

#include <gtest/gtest.h>

#include "tests/support/objects.h"

namespace heat_scheduler::kube {
namespace storage_test {

TEST(StorageClassOf, PrefersTheOldAnnotation) {
  PersistentVolumeClaim claim;
  EXPECT_EQ(StorageClassOf(claim), "");
  claim.storage_class_name = "fast";
  EXPECT_EQ(StorageClassOf(claim), "fast");
  claim.metadata.annotations["volume.beta.kubernetes.io/storage-class"] = "slow";
  EXPECT_EQ(StorageClassOf(claim), "slow");

  PersistentVolume volume;
  volume.storage_class_name = "fast";
  EXPECT_EQ(StorageClassOf(volume), "fast");
  volume.metadata.annotations["volume.beta.kubernetes.io/storage-class"] = "";
  EXPECT_EQ(StorageClassOf(volume), "");
}

TEST(IsFullyBound, WantsVolumeAndAnnotation) {
  PersistentVolumeClaim claim;
  claim.volume_name = "pv";
  EXPECT_FALSE(IsFullyBound(claim));
  claim.metadata.annotations["pv.kubernetes.io/bind-completed"] = "";
  EXPECT_TRUE(IsFullyBound(claim));
  claim.volume_name.clear();
  EXPECT_FALSE(IsFullyBound(claim));
}

TEST(IsControlledBy, LooksAtTheControllerAlone) {
  const Pod pod = MakePod("shop/web").Uid("u1");
  PersistentVolumeClaim claim;
  claim.metadata.namespace_ = "shop";
  EXPECT_FALSE(IsControlledBy(claim, pod));
  claim.metadata.owner_references->push_back({"v1", "Pod", "web", "u1", false});
  EXPECT_FALSE(IsControlledBy(claim, pod));
  claim.metadata.owner_references->at(0).controller = true;
  EXPECT_TRUE(IsControlledBy(claim, pod));
  claim.metadata.owner_references->at(0).uid = "u2";
  EXPECT_FALSE(IsControlledBy(claim, pod));
}

TEST(StorageAmounts, AreZeroWhereNothingIsStated) {
  EXPECT_EQ(StorageRequestOf(PersistentVolumeClaim()), Quantity());
  PersistentVolume volume;
  volume.capacity["storage"] = Q("10Gi");
  EXPECT_EQ(StorageCapacityOf(volume), Q("10Gi"));
}

}  // namespace storage_test
}  // namespace heat_scheduler::kube
