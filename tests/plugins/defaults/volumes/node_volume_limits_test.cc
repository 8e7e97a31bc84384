#include "plugins/defaults/volumes/node_volume_limits.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/plugins/defaults/volumes/storage_objects.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace node_volume_limits_test {

constexpr char kDriver[] = "csi.example.com";
constexpr char kFull[] = "Unschedulable: node(s) exceed max volume count";

// A node that takes two volumes of the driver, and volumes pv-0 to pv-3 with claims c0 to c3.
class LimitsTest : public testing::Test {
 protected:
  LimitsTest() {
    Put(*cluster_, {ObjectOf(MakeCsiNode("n", kDriver, 2))});
    for (const char* number : {"0", "1", "2", "3"}) {
      const std::string name = std::string("pv-") + number;
      Put(*cluster_, {MakeVolume(name).Csi(kDriver, "h-" + name),
                      MakeClaim(std::string("c") + number).BoundTo(name)});
    }
  }

  void Run(PodBuilder pod) { cluster_->UpsertPod(pod.Node("n").Ref()); }
  void Attach(const std::string& name, const std::string& volume, const char* node = "n") {
    kube::VolumeAttachment attachment;
    attachment.metadata.name = name;
    attachment.attacher = kDriver;
    attachment.node_name = node;
    attachment.persistent_volume_name = volume;
    Put(*cluster_, {ObjectOf(attachment)});
  }
  std::string Ask(const PodBuilder& pod) {
    return Asking(*cluster_, pod, plugin_).Filter().at("n");
  }

  const std::unique_ptr<ClusterState> cluster_ = MakeCluster({MakeNode("n")});
  const NodeVolumeLimits plugin_;
};

TEST_F(LimitsTest, IsLeftOutForPodsWithoutClaims) {
  EXPECT_EQ(Asking(*cluster_, MakePod("p"), plugin_).PreFilter(), "Skip");
}

TEST_F(LimitsTest, TakesAsManyAsThereIsRoomFor) {
  EXPECT_EQ(Ask(MakePod("p").Claim("c0").Claim("c1")), "ok");
  EXPECT_EQ(Ask(MakePod("p").Claim("c0").Claim("c1").Claim("c2")), kFull);
  Run(MakePod("a").Claim("c0"));
  EXPECT_EQ(Ask(MakePod("p").Claim("c1")), "ok");
  Run(MakePod("b").Claim("c1"));
  EXPECT_EQ(Ask(MakePod("p").Claim("c2")), kFull);
}

TEST_F(LimitsTest, CountsAVolumeOfSeveralPodsOnce) {
  Run(MakePod("a").Claim("c0"));
  Run(MakePod("b").Claim("c0").Claim("c1"));
  EXPECT_EQ(Ask(MakePod("p").Claim("c1")), "ok");
  EXPECT_EQ(Ask(MakePod("p").Claim("c0").Claim("c2")), kFull);
}

TEST_F(LimitsTest, CountsWhatIsAttachedThere) {
  Attach("va-3", "pv-3");
  Attach("elsewhere", "pv-2", "other");
  Attach("of-nothing", "no-such-volume");
  EXPECT_EQ(Ask(MakePod("p").Claim("c0")), "ok");
  EXPECT_EQ(Ask(MakePod("p").Claim("c0").Claim("c1")), kFull);
  // As upstream: the new volume counts although it is what is attached.
  EXPECT_EQ(Ask(MakePod("p").Claim("c3").Claim("c0")), kFull);
  Run(MakePod("a").Claim("c3"));
  EXPECT_EQ(Ask(MakePod("p").Claim("c3").Claim("c0")), "ok");
}

TEST_F(LimitsTest, CountsAClaimWithoutVolumeByItsClass) {
  Put(*cluster_, {ObjectOf(WaitingClass("later", kDriver)), MakeClaim("w1").Class("later"),
                  MakeClaim("w2").Class("later"), MakeClaim("lost").Class("later").BoundTo("gone"),
                  MakeClaim("classless")});
  EXPECT_EQ(Ask(MakePod("p").Claim("w1").Claim("w2")), "ok");
  EXPECT_EQ(Ask(MakePod("p").Claim("w1").Claim("w2").Claim("c0")), kFull);
  EXPECT_EQ(Ask(MakePod("p").Claim("lost").Claim("w2").Claim("c0")), kFull);
  EXPECT_EQ(Ask(MakePod("p").Claim("classless").Claim("w2").Claim("c0")), "ok");
  Run(MakePod("a").Claim("w1").Claim("c0"));
  EXPECT_EQ(Ask(MakePod("p").Claim("w1")), "ok");
  EXPECT_EQ(Ask(MakePod("p").Claim("w2")), kFull);
}

TEST_F(LimitsTest, KnowsNoLimitWithoutACsiNodeOrForOtherDrivers) {
  Put(*cluster_,
      {MakeVolume("far").Csi("other.example.com", "h"), MakeClaim("far").BoundTo("far")});
  Run(MakePod("a").Claim("c0").Claim("c1"));
  EXPECT_EQ(Ask(MakePod("p").Claim("far")), "ok");
  cluster_->RemoveObject(ObjectOf(MakeCsiNode("n", kDriver, 2)));
  EXPECT_EQ(Ask(MakePod("p").Claim("c2")), "ok");
}

TEST_F(LimitsTest, RefusesAnAbsentClaimOfTheNewPodAlone) {
  Run(MakePod("a").Claim("absent"));
  EXPECT_EQ(Ask(MakePod("p").Claim("c0")), "ok");
  EXPECT_EQ(Ask(MakePod("p").Claim("absent")),
            "UnschedulableAndUnresolvable: looking up PVC default/absent: persistentvolumeclaim "
            "\"absent\" not found");
}

TEST_F(LimitsTest, FailsOnAnEphemeralVolumeOfSomebodyElse) {
  Put(*cluster_, {MakeClaim("a-scratch").OwnedBy("nobody")});
  const std::string failed =
      "Error: PVC default/a-scratch was not created for pod default/a (pod is not owner)";
  EXPECT_EQ(Ask(MakePod("a").EphemeralVolume("scratch")), failed);
  Run(MakePod("a").EphemeralVolume("scratch"));
  EXPECT_EQ(Ask(MakePod("p").Claim("c0")), failed);
}

TEST_F(LimitsTest, CountsDisksOfInTreePluginsAsVolumesOfTheirDrivers) {
  Put(*cluster_, {ObjectOf(MakeCsiNode("n", "ebs.csi.aws.com", 1)),
                  MakeVolume("ebs").InTree(kube::InTreeDisk::Plugin::kAwsElasticBlockStore,
                                           "aws://zone/vol-1"),
                  MakeClaim("ebs").BoundTo("ebs")});
  kube::Volume inline_disk;
  inline_disk.name = "d";
  inline_disk.in_tree_disk.emplace().id = "vol-2";
  EXPECT_EQ(Ask(MakePod("p").Claim("ebs")), "ok");
  EXPECT_EQ(Ask(MakePod("p").Volume(inline_disk)), "ok");
  EXPECT_EQ(Ask(MakePod("p").Claim("ebs").Volume(inline_disk)), kFull);
  inline_disk.in_tree_disk->id = "vol-1";
  EXPECT_EQ(Ask(MakePod("p").Claim("ebs").Volume(inline_disk)), "ok");
  inline_disk.in_tree_disk->id = "aws://zone/disk";
  EXPECT_EQ(Ask(MakePod("p").Volume(inline_disk)),
            "Error: converting volume(d) from inline to csi: failed to translate Kubernetes ID to "
            "EBS Volume ID Invalid format for AWS volume (aws://zone/disk)");
}

}  // namespace node_volume_limits_test
}  // namespace heat_scheduler
