#include "kube/client/resources.h"

#include <gtest/gtest.h>

#include <string>

namespace heat_scheduler::kube {
namespace resources_test {

struct ResourceRow {
  Kind kind;
  std::string api_version;
  std::string target;  // Of the object "x" in namespace "n".
};

class Resources : public testing::TestWithParam<ResourceRow> {};

TEST_P(Resources, LiveWhereKubernetesHasThem) {
  EXPECT_EQ(ResourceOf(GetParam().kind).ApiVersion(), GetParam().api_version);
  EXPECT_EQ(ObjectTarget(GetParam().kind, "n", "x"), GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(
    All, Resources,
    testing::Values(
        ResourceRow{Kind::kPod, "v1", "/api/v1/namespaces/n/pods/x"},
        ResourceRow{Kind::kNode, "v1", "/api/v1/nodes/x"},
        ResourceRow{Kind::kNamespace, "v1", "/api/v1/namespaces/x"},
        ResourceRow{Kind::kPodDisruptionBudget, "policy/v1",
                    "/apis/policy/v1/namespaces/n/poddisruptionbudgets/x"},
        ResourceRow{Kind::kPersistentVolume, "v1", "/api/v1/persistentvolumes/x"},
        ResourceRow{Kind::kPersistentVolumeClaim, "v1",
                    "/api/v1/namespaces/n/persistentvolumeclaims/x"},
        ResourceRow{Kind::kStorageClass, "storage.k8s.io/v1",
                    "/apis/storage.k8s.io/v1/storageclasses/x"},
        ResourceRow{Kind::kCsiNode, "storage.k8s.io/v1", "/apis/storage.k8s.io/v1/csinodes/x"},
        ResourceRow{Kind::kCsiDriver, "storage.k8s.io/v1", "/apis/storage.k8s.io/v1/csidrivers/x"},
        ResourceRow{Kind::kCsiStorageCapacity, "storage.k8s.io/v1",
                    "/apis/storage.k8s.io/v1/namespaces/n/csistoragecapacities/x"},
        ResourceRow{Kind::kVolumeAttachment, "storage.k8s.io/v1",
                    "/apis/storage.k8s.io/v1/volumeattachments/x"},
        ResourceRow{Kind::kPriorityClass, "scheduling.k8s.io/v1",
                    "/apis/scheduling.k8s.io/v1/priorityclasses/x"},
        ResourceRow{Kind::kService, "v1", "/api/v1/namespaces/n/services/x"},
        ResourceRow{Kind::kReplicationController, "v1",
                    "/api/v1/namespaces/n/replicationcontrollers/x"},
        ResourceRow{Kind::kReplicaSet, "apps/v1", "/apis/apps/v1/namespaces/n/replicasets/x"},
        ResourceRow{Kind::kStatefulSet, "apps/v1", "/apis/apps/v1/namespaces/n/statefulsets/x"},
        ResourceRow{Kind::kLease, "coordination.k8s.io/v1",
                    "/apis/coordination.k8s.io/v1/namespaces/n/leases/x"},
        ResourceRow{Kind::kEvent, "events.k8s.io/v1",
                    "/apis/events.k8s.io/v1/namespaces/n/events/x"}),
    [](const auto& row) { return std::string(ResourceOf(row.param.kind).plural); });

TEST(ResourceTargets, SubresourcesAndOddNames) {
  EXPECT_EQ(ObjectTarget(Kind::kPod, "n", "x", "binding"), "/api/v1/namespaces/n/pods/x/binding");
  EXPECT_EQ(ObjectTarget(Kind::kNode, "", "../x?y"), "/api/v1/nodes/..%2Fx%3Fy");
}

TEST(ResourceTargets, List) {
  EXPECT_EQ(ListTarget({.selection = {.kind = Kind::kPod}}), "/api/v1/pods");
  EXPECT_EQ(ListTarget({.selection = {.kind = Kind::kPod,
                                      .namespace_ = "n",
                                      .label_selector = "a in (b,c)",
                                      .field_selector = "status.phase!=Failed"},
                        .limit = 500,
                        .continue_token = "a/b+c="}),
            "/api/v1/namespaces/n/pods?labelSelector=a%20in%20%28b%2Cc%29"
            "&fieldSelector=status.phase%21%3DFailed&limit=500&continue=a%2Fb%2Bc%3D");
}

TEST(ResourceTargets, Watch) {
  EXPECT_EQ(WatchTarget({.selection = {.kind = Kind::kNode, .label_selector = "a=b"},
                         .resource_version = "17",
                         .timeout = absl::Seconds(300.7)}),
            "/api/v1/nodes?watch=true&allowWatchBookmarks=true&labelSelector=a%3Db"
            "&resourceVersion=17&timeoutSeconds=300");
}

}  // namespace resources_test
}  // namespace heat_scheduler::kube
