#include "scheduler/state/cluster_objects.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace {

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

TEST(ClusterObjects, KeepsNeitherPodsNorWhatSchedulingDoesNotRead) {
  ClusterObjects objects;
  EXPECT_EQ(objects.Upsert(MakePod("default/p").Ref()), Inputs{});
  EXPECT_EQ(objects.Upsert(Named<kube::Lease>("kube-system", "l")), Inputs{});
  EXPECT_EQ(objects.Remove(Named<kube::Lease>("kube-system", "l")), Inputs{});
}

}  // namespace
}  // namespace heat_scheduler
