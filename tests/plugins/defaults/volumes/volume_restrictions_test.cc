#include "plugins/defaults/volumes/volume_restrictions.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/plugins/defaults/volumes/storage_objects.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace volume_restrictions_test {

using enum kube::InTreeDisk::Plugin;

constexpr char kTaken[] = "Unschedulable: node(s) had no available disk";
constexpr char kInUse[] =
    "Unschedulable: node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access "
    "mode already in-use by another pod";

kube::Volume InTree(kube::InTreeDisk::Plugin plugin, const std::string& id, bool read_only) {
  kube::Volume volume;
  volume.in_tree_disk = kube::InTreeDisk{plugin, id, read_only, ""};
  return volume;
}

kube::Volume Iscsi(const std::string& iqn, std::int32_t lun, bool read_only = false) {
  kube::Volume volume;
  volume.iscsi = kube::Volume::Iscsi{"10.0.0.1", iqn, lun, read_only};
  return volume;
}

kube::Volume Rbd(std::vector<std::string> monitors, const std::string& image,
                 bool read_only = false) {
  kube::Volume volume;
  volume.rbd = kube::Volume::Rbd{std::move(monitors), "rbd", image, read_only};
  return volume;
}

struct Row {
  std::string name;
  kube::Volume wanted;
  kube::Volume taken;
  std::string expected;
};

class DiskTest : public testing::TestWithParam<Row> {};

TEST_P(DiskTest, IsSharedOrNot) {
  EXPECT_EQ(FilterOne(VolumeRestrictions(), MakePod("p").Volume(GetParam().wanted), MakeNode("n"),
                      {MakePod("other").Node("n").Volume(GetParam().taken)}),
            GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, DiskTest,
    testing::ValuesIn(std::vector<Row>{
        {"GceBothWrite", InTree(kGcePersistentDisk, "d", false),
         InTree(kGcePersistentDisk, "d", false), kTaken},
        {"GceOneWrites", InTree(kGcePersistentDisk, "d", true),
         InTree(kGcePersistentDisk, "d", false), kTaken},
        {"GceBothRead", InTree(kGcePersistentDisk, "d", true),
         InTree(kGcePersistentDisk, "d", true), "ok"},
        {"GceOtherDisk", InTree(kGcePersistentDisk, "d", false),
         InTree(kGcePersistentDisk, "e", false), "ok"},
        {"EbsBothRead", InTree(kAwsElasticBlockStore, "d", true),
         InTree(kAwsElasticBlockStore, "d", true), kTaken},
        {"EbsOtherVolume", InTree(kAwsElasticBlockStore, "d", false),
         InTree(kAwsElasticBlockStore, "e", false), "ok"},
        {"OtherPluginSameId", InTree(kAwsElasticBlockStore, "d", false),
         InTree(kGcePersistentDisk, "d", false), "ok"},
        {"CinderIsNotRestricted", InTree(kCinder, "d", false), InTree(kCinder, "d", false), "ok"},
        {"IscsiSameIqnOtherLun", Iscsi("iqn", 1), Iscsi("iqn", 2), kTaken},
        {"IscsiBothRead", Iscsi("iqn", 1, true), Iscsi("iqn", 1, true), "ok"},
        {"IscsiOtherIqn", Iscsi("iqn", 1), Iscsi("iqn-2", 1), "ok"},
        {"RbdCommonMonitor", Rbd({"a", "b"}, "i"), Rbd({"b", "c"}, "i"), kTaken},
        {"RbdNoCommonMonitor", Rbd({"a"}, "i"), Rbd({"b"}, "i"), "ok"},
        {"RbdOtherImage", Rbd({"a"}, "i"), Rbd({"a"}, "j"), "ok"},
        {"RbdBothRead", Rbd({"a"}, "i", true), Rbd({"a"}, "i", true), "ok"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(VolumeRestrictions, RefusesAPodWithAnAbsentClaim) {
  const auto cluster = MakeCluster({MakeNode("n")});
  const VolumeRestrictions plugin;
  EXPECT_EQ(Asking(*cluster, MakePod("p").Claim("nope"), plugin).PreFilter(),
            "UnschedulableAndUnresolvable: persistentvolumeclaim \"nope\" not found");
  // Of an ephemeral volume the claim may be on its way.
  EXPECT_EQ(Asking(*cluster, MakePod("p").EphemeralVolume("nope"), plugin).PreFilter(), "Skip");
}

TEST(VolumeRestrictions, IsLeftOutForClaimsThatNobodyElseHas) {
  const auto cluster = MakeCluster({MakeNode("n")}, {MakePod("other").Node("n").Claim("shared")});
  Put(*cluster, {MakeClaim("shared"), MakeClaim("once").Mode("ReadWriteOncePod")});
  const VolumeRestrictions plugin;
  EXPECT_EQ(Asking(*cluster, MakePod("p").Claim("shared").Claim("once"), plugin).PreFilter(),
            "Skip");
}

TEST(VolumeRestrictions, RefusesEveryNodeWhileAnotherPodHasTheExclusiveClaim) {
  const auto cluster =
      MakeCluster({MakeNode("n1"), MakeNode("n2")}, {MakePod("other").Node("n1").Claim("once")});
  Put(*cluster, {MakeClaim("once").Mode("ReadWriteOncePod")});
  const VolumeRestrictions plugin;
  EXPECT_EQ(Asking(*cluster, MakePod("p").Claim("once"), plugin).Filter(),
            (std::map<std::string, std::string>{{"n1", kInUse}, {"n2", kInUse}}));
  EXPECT_EQ(Asking(*cluster, MakePod("team/p").Claim("once"), plugin).PreFilter(),
            "UnschedulableAndUnresolvable: persistentvolumeclaim \"once\" not found");
}

TEST(VolumeRestrictions, FollowsPodsThatComeAndGoInADryRun) {
  const auto cluster = MakeCluster({MakeNode("n")}, {MakePod("other").Node("n").Claim("once")});
  Put(*cluster, {MakeClaim("once").Mode("ReadWriteOncePod")});
  const VolumeRestrictions plugin;
  Asking asking(*cluster, MakePod("p").Claim("once"), plugin);
  ASSERT_EQ(asking.PreFilter(), "ok");
  const PodRecord& other = *cluster->FindPod("default-other-uid");
  plugin.RemovePod(asking.cycle(), other, cluster->nodes()[0]);
  EXPECT_EQ(asking.FilterNodes(cluster->nodes()), std::vector<std::string>{"ok"});
  plugin.AddPod(asking.cycle(), other, cluster->nodes()[0]);
  EXPECT_EQ(asking.FilterNodes(cluster->nodes()), std::vector<std::string>{kInUse});
}

}  // namespace volume_restrictions_test
}  // namespace heat_scheduler
