#include "plugins/defaults/pod_topology_spread/default_selector.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace default_selector_test {

using enum kube::SelectorOperator;

template <typename T>
kube::Object Owner(const std::string& namespace_, std::optional<kube::LabelSelector> selector) {
  auto owner = std::make_shared<T>();
  owner->metadata.namespace_ = namespace_;
  owner->metadata.name = "owner";
  owner->selector = std::move(selector);
  return kube::Ref<T>(std::move(owner));
}

kube::LabelSelector Labels(kube::StringMap labels) { return {std::move(labels), {}}; }

struct Row {
  std::string name;
  kube::Pod pod;
  std::vector<kube::Object> objects;
  kube::LabelSelector expected;
};

class DefaultSelectors : public testing::TestWithParam<Row> {};

TEST_P(DefaultSelectors, SelectThePodsLike) {
  ClusterObjects objects;
  for (const kube::Object& object : GetParam().objects) objects.Upsert(object);
  EXPECT_EQ(DefaultSelector(GetParam().pod, objects), GetParam().expected);
}

PodBuilder Pod() { return MakePod("default/p").Label("app", "web").Label("tier", "front"); }

kube::Pod OwnedInOtherApi(const std::string& api_version) {
  kube::Pod pod = Pod().Owner("ReplicaSet", "owner");
  pod.metadata.owner_references->at(0).api_version = api_version;
  return pod;
}

kube::Pod OwnedWithoutControl() {
  kube::Pod pod = Pod().Owner("ReplicaSet", "owner");
  pod.metadata.owner_references->at(0).controller = false;
  return pod;
}

const kube::LabelSelector kWeb = Labels({{"app", "web"}});
const kube::LabelSelector kInWeb = {{}, {Require("app", kIn, {"web"})}};

INSTANTIATE_TEST_SUITE_P(
    Table, DefaultSelectors,
    testing::ValuesIn(std::vector<Row>{
        {"NobodySelectsIt", Pod(), {}, {}},
        {"Service", Pod(), {Owner<kube::Service>("default", kWeb)}, kWeb},
        {"ServiceOfOtherPods",
         Pod(),
         {Owner<kube::Service>("default", Labels({{"app", "db"}}))},
         {}},
        {"ServiceWithoutSelector", Pod(), {Owner<kube::Service>("default", std::nullopt)}, {}},
        {"ServiceOfAnotherNamespace", Pod(), {Owner<kube::Service>("dev", kWeb)}, {}},
        {"ReplicationController",
         Pod().Owner("ReplicationController", "owner"),
         {Owner<kube::ReplicationController>("default", kWeb)},
         kWeb},
        {"ReplicaSet",
         Pod().Owner("ReplicaSet", "owner"),
         {Owner<kube::ReplicaSet>("default", kWeb)},
         kInWeb},
        {"StatefulSet",
         Pod().Owner("StatefulSet", "owner"),
         {Owner<kube::StatefulSet>("default", kWeb)},
         kInWeb},
        {"ControllerOfAnotherName",
         Pod().Owner("ReplicaSet", "other"),
         {Owner<kube::ReplicaSet>("default", kWeb)},
         {}},
        {"ControllerOfAnotherNamespace",
         Pod().Owner("ReplicaSet", "owner"),
         {Owner<kube::ReplicaSet>("dev", kWeb)},
         {}},
        {"ControllerOfAnotherKind",
         Pod().Owner("DaemonSet", "owner"),
         {Owner<kube::ReplicaSet>("default", kWeb)},
         {}},
        {"ControllerOfAnotherApi",
         OwnedInOtherApi("extensions/v1beta1"),
         {Owner<kube::ReplicaSet>("default", kWeb)},
         {}},
        {"OwnerThatDoesNotControl",
         OwnedWithoutControl(),
         {Owner<kube::ReplicaSet>("default", kWeb)},
         {}},
        {"ControllerWithoutSelector",
         Pod().Owner("ReplicaSet", "owner"),
         {Owner<kube::ReplicaSet>("default", std::nullopt)},
         {}},
        // The controller is not asked whether it selects the pod.
        {"ControllerOfOtherPods",
         Pod().Owner("ReplicaSet", "owner"),
         {Owner<kube::ReplicaSet>("default", Labels({{"app", "db"}}))},
         {{}, {Require("app", kIn, {"db"})}}},
        {"ServiceAndReplicaSet",
         Pod().Owner("ReplicaSet", "owner"),
         {Owner<kube::Service>("default", Labels({{"tier", "front"}})),
          Owner<kube::ReplicaSet>("default", kube::LabelSelector{{{"app", "web"}},
                                                                 {Require("tier", kExists)}})},
         {{{"tier", "front"}}, {Require("app", kIn, {"web"}), Require("tier", kExists)}}},
        {"ReplicationControllerOverService",
         Pod().Owner("ReplicationController", "owner"),
         {Owner<kube::Service>("default", Labels({{"app", "web"}, {"tier", "front"}})),
          Owner<kube::ReplicationController>("default", Labels({{"app", "db"}}))},
         Labels({{"app", "db"}, {"tier", "front"}})},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace default_selector_test
}  // namespace heat_scheduler
