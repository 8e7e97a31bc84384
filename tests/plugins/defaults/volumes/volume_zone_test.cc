#include "plugins/defaults/volumes/volume_zone.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/plugins/defaults/volumes/storage_objects.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace volume_zone_test {

constexpr char kZone[] = "topology.kubernetes.io/zone";
constexpr char kRegion[] = "topology.kubernetes.io/region";
constexpr char kBetaZone[] = "failure-domain.beta.kubernetes.io/zone";
constexpr char kRefused[] = "UnschedulableAndUnresolvable: node(s) had no available volume zone";

struct Row {
  std::string name;
  std::map<std::string, std::string> volume_labels;
  std::map<std::string, std::string> node_labels;
  std::string expected;
};

class ZoneTest : public testing::TestWithParam<Row> {};

TEST_P(ZoneTest, Answers) {
  NodeBuilder node = MakeNode("n");
  for (const auto& [key, value] : GetParam().node_labels) node.Label(key, value);
  VolumeBuilder volume = MakeVolume("pv");
  for (const auto& [key, value] : GetParam().volume_labels) volume.Label(key, value);
  const auto cluster = MakeCluster({node});
  Put(*cluster, {volume, MakeClaim("data").BoundTo("pv")});
  EXPECT_EQ(Asking(*cluster, MakePod("p").Claim("data"), VolumeZone()).Filter().at("n"),
            GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ZoneTest,
    testing::ValuesIn(std::vector<Row>{
        {"SameZone", {{kZone, "a"}}, {{kZone, "a"}}, "ok"},
        {"OtherZone", {{kZone, "a"}}, {{kZone, "b"}}, kRefused},
        {"NodeWithoutLabels", {{kZone, "a"}}, {}, "ok"},
        {"NodeWithARegionAlone", {{kZone, "a"}}, {{kRegion, "r"}}, kRefused},
        {"VolumeWithoutLabels", {}, {{kZone, "a"}}, "ok"},
        {"OneOfSeveralZones", {{kZone, "a__b"}}, {{kZone, "b"}}, "ok"},
        {"NoneOfSeveralZones", {{kZone, "a__b"}}, {{kZone, "c"}}, kRefused},
        {"BlanksAroundZones", {{kZone, "a__ b"}}, {{kZone, "b"}}, "ok"},
        {"AnEmptyPartSaysNothing", {{kZone, "a__"}}, {{kZone, "c"}}, "ok"},
        {"OldNameMatchesNew", {{kBetaZone, "a"}}, {{kZone, "a"}}, "ok"},
        {"OldNameOtherZone", {{kBetaZone, "a"}}, {{kZone, "b"}}, kRefused},
        {"NewNameDoesNotMatchOld", {{kZone, "a"}}, {{kBetaZone, "a"}}, kRefused},
        {"RegionToo", {{kZone, "a"}, {kRegion, "r"}}, {{kZone, "a"}, {kRegion, "s"}}, kRefused},
    }),
    [](const auto& row) { return row.param.name; });

TEST(VolumeZone, LooksForClaimVolumeAndClass) {
  const auto cluster = MakeCluster({MakeNode("n")});
  kube::StorageClass unset = WaitingClass("unset", "csi.example.com");
  unset.binding_mode = kube::StorageClass::BindingMode::kUnset;
  Put(*cluster, {ObjectOf(ImmediateClass("now")), ObjectOf(WaitingClass("later", "d")),
                 ObjectOf(unset), MakeClaim("lost").BoundTo("gone"), MakeClaim("classless"),
                 MakeClaim("unknown").Class("none"), MakeClaim("now").Class("now"),
                 MakeClaim("later").Class("later"), MakeClaim("unset").Class("unset")});
  const VolumeZone plugin;
  const auto ask = [&](const char* claim) {
    return Asking(*cluster, MakePod("p").Claim(claim), plugin).PreFilter();
  };
  const std::string refused = "UnschedulableAndUnresolvable: ";
  EXPECT_EQ(ask("absent"), refused + "persistentvolumeclaim \"absent\" not found");
  EXPECT_EQ(ask("lost"), refused + "persistentvolume \"gone\" not found");
  EXPECT_EQ(ask("classless"),
            refused + "PersistentVolumeClaim had no pv name and storageClass name");
  EXPECT_EQ(ask("unknown"), refused + "storageclass.storage.k8s.io \"none\" not found");
  EXPECT_EQ(ask("now"), refused + "PersistentVolume had no name");
  EXPECT_EQ(ask("unset"), refused + "VolumeBindingMode not set for StorageClass \"unset\"");
  EXPECT_EQ(ask("later"), "Skip");
  EXPECT_EQ(Asking(*cluster, MakePod("p").EphemeralVolume("absent"), plugin).PreFilter(), "Skip");
}

}  // namespace volume_zone_test
}  // namespace heat_scheduler
