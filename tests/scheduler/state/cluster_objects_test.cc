#include "scheduler/state/cluster_objects.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace cluster_objects_test {

template <typename T>
kube::Ref<T> Named(const std::string& namespace_, const std::string& name) {
  auto object = std::make_shared<T>();
  object->metadata.namespace_ = namespace_;
  object->metadata.name = name;
  return object;
}

kube::Ref<kube::Service> Selecting(const std::string& app) {
  auto service = std::make_shared<kube::Service>();
  service->metadata.namespace_ = "default";
  service->metadata.name = "web";
  service->selector = kube::LabelSelector{{{"app", app}}, {}};
  return service;
}

TEST(ClusterObjects, FindsWhatWasAddedUntilItIsRemoved) {
  ClusterObjects objects;
  const auto claim = Named<kube::PersistentVolumeClaim>("default", "data");
  EXPECT_EQ(objects.Upsert(claim), Inputs{Input::kVolumes});
  EXPECT_EQ(objects.Find<kube::PersistentVolumeClaim>("default/data"), claim.get());
  EXPECT_EQ(objects.Find<kube::PersistentVolumeClaim>("other/data"), nullptr);
  EXPECT_EQ(objects.Remove(claim), Inputs{Input::kVolumes});
  EXPECT_EQ(objects.Find<kube::PersistentVolumeClaim>("default/data"), nullptr);
  EXPECT_EQ(objects.Remove(claim), Inputs{});
}

TEST(ClusterObjects, CountsEverythingOfCsiAmongTheVolumes) {
  ClusterObjects objects;
  EXPECT_EQ(objects.Upsert(Named<kube::CsiDriver>("", "d")), Inputs{Input::kVolumes});
  EXPECT_EQ(objects.Upsert(Named<kube::CsiStorageCapacity>("ns", "c")), Inputs{Input::kVolumes});
  EXPECT_EQ(objects.Upsert(Named<kube::VolumeAttachment>("", "a")), Inputs{Input::kVolumes});
  EXPECT_NE(objects.Find<kube::CsiStorageCapacity>("ns/c"), nullptr);
  EXPECT_EQ(objects.all<kube::VolumeAttachment>().size(), 1u);
}

kube::Ref<kube::PersistentVolume> VolumeOf(const std::string& name, const std::string& class_name) {
  auto volume = std::make_shared<kube::PersistentVolume>();
  volume->metadata.name = name;
  volume->storage_class_name = class_name;
  return volume;
}

std::vector<std::string> NamesOfClass(const ClusterObjects& objects, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [volume, ref] : objects.VolumesOfClass(name)) names.push_back(volume);
  return names;
}

TEST(ClusterObjects, FindsVolumesByTheClassThatTheyHaveNow) {
  ClusterObjects objects;
  for (const char* name : {"b", "a"}) objects.Upsert(VolumeOf(name, "fast"));
  EXPECT_EQ(NamesOfClass(objects, "fast"), (std::vector<std::string>{"a", "b"}));
  objects.Upsert(VolumeOf("a", "slow"));
  EXPECT_EQ(NamesOfClass(objects, "fast"), std::vector<std::string>{"b"});
  EXPECT_EQ(NamesOfClass(objects, "slow"), std::vector<std::string>{"a"});
  // What is told of a removed object may be older than what is known of it.
  objects.Remove(VolumeOf("a", "fast"));
  EXPECT_EQ(NamesOfClass(objects, "slow"), std::vector<std::string>{});
  EXPECT_EQ(NamesOfClass(objects, "fast"), std::vector<std::string>{"b"});
}

TEST(ClusterObjects, FindsAttachmentsByNode) {
  ClusterObjects objects;
  auto attachment = std::make_shared<kube::VolumeAttachment>();
  attachment->metadata.name = "va";
  attachment->node_name = "n1";
  objects.Upsert(kube::Ref<kube::VolumeAttachment>(attachment));
  EXPECT_EQ(objects.AttachmentsOn("n1").size(), 1u);
  EXPECT_TRUE(objects.AttachmentsOn("n2").empty());
  objects.Remove(kube::Ref<kube::VolumeAttachment>(attachment));
  EXPECT_TRUE(objects.AttachmentsOn("n1").empty());
}

TEST(ClusterObjects, WalksOneNamespaceInNameOrder) {
  ClusterObjects objects;
  for (const char* key : {"b", "a"}) objects.Upsert(Named<kube::ReplicaSet>("team", key));
  objects.Upsert(Named<kube::ReplicaSet>("team-2", "c"));
  std::vector<std::string> names;
  objects.ForEachIn<kube::ReplicaSet>(
      "team", [&](const kube::ReplicaSet& set) { names.push_back(set.metadata.name); });
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b"}));
}

TEST(ClusterObjects, ChangesNothingWithAnOwnerThatSelectsAsBefore) {
  ClusterObjects objects;
  EXPECT_EQ(objects.Upsert(Selecting("web")), Inputs{Input::kSelectingOwners});
  EXPECT_EQ(objects.Upsert(Selecting("web")), Inputs{});
  EXPECT_EQ(objects.Upsert(Selecting("db")), Inputs{Input::kSelectingOwners});
}

TEST(ClusterObjects, ChangesNothingWithANamespaceOfTheSameLabels) {
  ClusterObjects objects;
  EXPECT_EQ(objects.Upsert(Named<kube::Namespace>("", "team")), Inputs{Input::kNamespaceLabels});
  EXPECT_EQ(objects.Upsert(Named<kube::Namespace>("", "team")), Inputs{});
}

TEST(ClusterObjects, ChangesNothingWithAReportThatSaysNothingNew) {
  ClusterObjects objects;
  kube::CsiStorageCapacity capacity;
  capacity.metadata.name = "c";
  capacity.capacity = Q("1Gi");
  const auto put = [&] {
    return objects.Upsert(std::make_shared<const kube::CsiStorageCapacity>(capacity));
  };
  EXPECT_EQ(put(), Inputs{Input::kVolumes});
  EXPECT_EQ(put(), Inputs{});
  capacity.capacity = Q("2Gi");
  EXPECT_EQ(put(), Inputs{Input::kVolumes});

  kube::CsiNode node;
  node.metadata.name = "n";
  node.drivers.push_back({"d", "n", {}, 25});
  const auto put_node = [&] { return objects.Upsert(std::make_shared<const kube::CsiNode>(node)); };
  EXPECT_EQ(put_node(), Inputs{Input::kVolumes});
  EXPECT_EQ(put_node(), Inputs{});
  node.drivers[0].allocatable_count = 26;
  EXPECT_EQ(put_node(), Inputs{Input::kVolumes});

  kube::VolumeAttachment attachment;
  attachment.metadata.name = "va";
  const auto attach = [&] {
    return objects.Upsert(std::make_shared<const kube::VolumeAttachment>(attachment));
  };
  EXPECT_EQ(attach(), Inputs{Input::kVolumes});
  EXPECT_EQ(attach(), Inputs{});
  attachment.node_name = "n";
  EXPECT_EQ(attach(), Inputs{Input::kVolumes});
}

TEST(ClusterObjects, KeepsNeitherPodsNorWhatSchedulingDoesNotRead) {
  ClusterObjects objects;
  EXPECT_EQ(objects.Upsert(MakePod("default/p").Ref()), Inputs{});
  EXPECT_EQ(objects.Upsert(Named<kube::Lease>("kube-system", "l")), Inputs{});
  EXPECT_EQ(objects.Remove(Named<kube::Lease>("kube-system", "l")), Inputs{});
}

}  // namespace cluster_objects_test
}  // namespace heat_scheduler
