#include "plugins/defaults/volumes/csi_migration.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/defaults/volumes/storage_objects.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace csi_migration_test {

using enum kube::InTreeDisk::Plugin;

constexpr char kZone[] = "topology.kubernetes.io/zone";
constexpr char kBetaZone[] = "failure-domain.beta.kubernetes.io/zone";
constexpr char kBetaRegion[] = "failure-domain.beta.kubernetes.io/region";
constexpr char kGceKey[] = "topology.gke.io/zone";

std::string HandleText(const absl::StatusOr<std::string>& handle) {
  return handle.ok() ? *handle : "error: " + std::string(handle.status().message());
}

struct HandleRow {
  std::string name;
  kube::InTreeDisk disk;
  std::string expected;
};

class InlineHandle : public testing::TestWithParam<HandleRow> {};

TEST_P(InlineHandle, IsTheDrivers) {
  EXPECT_EQ(HandleText(CsiHandleOf(GetParam().disk)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, InlineHandle,
    testing::ValuesIn(std::vector<HandleRow>{
        {"Ebs", {kAwsElasticBlockStore, "vol-1", false, ""}, "vol-1"},
        {"EbsWithZone", {kAwsElasticBlockStore, "aws://us-east-1a/vol-1", false, ""}, "vol-1"},
        {"EbsWithoutZone", {kAwsElasticBlockStore, "aws:///vol-1/", false, ""}, "vol-1"},
        {"EbsOfAnotherForm",
         {kAwsElasticBlockStore, "aws://vol-1", false, ""},
         "error: failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume "
         "(aws://vol-1)"},
        {"AzureManaged", {kAzureDisk, "/disks/d", false, "managed"}, "/disks/d"},
        {"AzureShared",
         {kAzureDisk, "/disks/d", false, "Shared"},
         "error: kind(Shared) is not supported in csi migration"},
        {"Cinder", {kCinder, "c", false, ""}, "c"},
        {"Portworx", {kPortworxVolume, "p", false, ""}, "p"},
        {"Gce",
         {kGcePersistentDisk, "d", false, ""},
         "projects/UNSPECIFIED/zones/UNSPECIFIED/disks/d"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(CsiHandleOf, ReadsZonesOfAGceVolume) {
  VolumeBuilder volume = MakeVolume("pv").InTree(kGcePersistentDisk, "d");
  EXPECT_EQ(HandleText(CsiHandleOf(volume.operator kube::PersistentVolume())),
            "projects/UNSPECIFIED/zones/UNSPECIFIED/disks/d");
  const auto with_zone = [&](const char* zone) {
    VolumeBuilder copy = volume;
    const kube::PersistentVolume labelled = copy.Label(kZone, zone);
    return HandleText(CsiHandleOf(labelled));
  };
  EXPECT_EQ(with_zone("us-east1-b"), "projects/UNSPECIFIED/zones/us-east1-b/disks/d");
  EXPECT_EQ(with_zone("us-east1-b__us-east1-c"), "projects/UNSPECIFIED/regions/us-east1/disks/d");
  EXPECT_EQ(with_zone("us-east1-b__us-west1-c"),
            "error: failed to get region from zones: multiple or no regions gotten from zones, "
            "got: map[us-east1:{} us-west1:{}]");
  EXPECT_EQ(with_zone("a__b"),
            "error: failed to get region from zones: zone in unexpected format, expected: "
            "{locale}-{region}-{zone}, got: a");
}

TEST(CsiDriverOfProvisioner, TranslatesInTreeNames) {
  EXPECT_EQ(CsiDriverOfProvisioner("kubernetes.io/gce-pd"), "pd.csi.storage.gke.io");
  EXPECT_EQ(CsiDriverOfProvisioner("kubernetes.io/vsphere-volume"), "");
  EXPECT_EQ(CsiDriverOfProvisioner("csi.example.com"), "csi.example.com");
  EXPECT_TRUE(IsInTreeProvisioner("kubernetes.io/azure-file"));
  EXPECT_FALSE(IsInTreeProvisioner("csi.example.com"));
}

TEST(IsMigratedOn, ReadsTheNodesAnnotation) {
  kube::CsiNode node = MakeCsiNode("n", "d", 1);
  EXPECT_FALSE(IsMigratedOn(nullptr, kCinder));
  EXPECT_FALSE(IsMigratedOn(&node, kCinder));
  node.metadata.annotations["storage.alpha.kubernetes.io/migrated-plugins"] =
      "kubernetes.io/aws-ebs,kubernetes.io/cinder";
  EXPECT_TRUE(IsMigratedOn(&node, kCinder));
  EXPECT_FALSE(IsMigratedOn(&node, kGcePersistentDisk));
}

// Returns "key in a|b & key2 in c; ..." of a migrated volume's affinity.
std::string AffinityText(const kube::PersistentVolume& volume) {
  const auto affinity = CsiNodeAffinityOf(volume);
  if (!affinity.ok()) return "error";
  if (!*affinity) return "none";
  std::string text;
  for (const kube::NodeSelectorTerm& term : (*affinity)->terms) {
    for (const kube::SelectorRequirement& requirement : term.match_expressions) {
      text += requirement.key + "=";
      for (const std::string& value : requirement.values) text += value + "|";
      text += " ";
    }
    text += "; ";
  }
  return text;
}

TEST(CsiNodeAffinityOf, SpeaksOfTheDriversTopology) {
  const VolumeBuilder plain = MakeVolume("pv").InTree(kGcePersistentDisk, "d");
  EXPECT_EQ(AffinityText(plain), "none");
  EXPECT_EQ(AffinityText(VolumeBuilder(plain).ReachedFrom(kZone, {"a-b-c"})),
            std::string(kGceKey) + "=a-b-c| ; ");
  EXPECT_EQ(AffinityText(VolumeBuilder(plain).Label(kZone, "u-r-b__u-r-a")),
            std::string(kGceKey) + "=u-r-a|u-r-b| ; ");
  // What the affinity says has precedence over labels, old names over nothing.
  EXPECT_EQ(AffinityText(
                VolumeBuilder(plain).ReachedFrom(kBetaZone, {"x"}).ReachedFrom(kBetaRegion, {"y"})),
            std::string(kGceKey) + "=x| ; topology.kubernetes.io/region=y| ; ");
  EXPECT_EQ(AffinityText(VolumeBuilder(plain).ReachedFrom("disk", {"ssd"}).Label(kBetaZone, "z")),
            "disk=ssd| " + std::string(kGceKey) + "=z| ; ");
}

TEST(CsiNodeAffinityOf, LeavesPluginsWithoutATopologyKeyAlone) {
  EXPECT_EQ(AffinityText(MakeVolume("pv").InTree(kAzureDisk, "d").ReachedFrom(kZone, {"a"})),
            std::string(kZone) + "=a| ; ");
}

TEST(CsiNodeAffinityOf, FailsWhereThereIsNoHandle) {
  EXPECT_EQ(AffinityText(MakeVolume("pv").InTree(kAwsElasticBlockStore, "aws://x")), "error");
}

}  // namespace csi_migration_test
}  // namespace heat_scheduler
