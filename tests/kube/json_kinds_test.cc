// Decodes every kind but Pod.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "kube/codec.h"
#include "tests/support/objects.h"

namespace heat_scheduler::kube {
namespace json_kinds_test {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

// Returns the object of a document with these members besides a name.
template <typename T>
T DecodeAs(Kind kind, const std::string& members) {
  const absl::StatusOr<Object> object =
      MakeJsonDecoder()->DecodeObject(kind, R"({"metadata":{"name":"x"},)" + members + "}");
  EXPECT_TRUE(object.ok()) << object.status();
  return object.ok() ? *std::get<Ref<T>>(*object) : T{};
}

TEST(JsonNode, ReadsSpecAndStatus) {
  const Node node = DecodeAs<Node>(Kind::kNode, R"(
    "spec": {"unschedulable": true, "taints": [
      {"key": "a", "value": "1", "effect": "NoExecute"}, {"key": "b", "effect": "NoStart"}]},
    "status": {"capacity": {"cpu": "4", "pods": 110}, "allocatable": {"cpu": "3500m"},
      "images": [{"names": ["x:1", "x@sha256:0"], "sizeBytes": 12}],
      "conditions": [{"type": "Ready", "status": "True"}], "declaredFeatures": ["F"]})");
  EXPECT_TRUE(node.unschedulable);
  ASSERT_THAT(node.taints, SizeIs(2));
  EXPECT_EQ(node.taints[0].key, "a");
  EXPECT_EQ(node.taints[0].value, "1");
  EXPECT_EQ(node.taints[0].effect, TaintEffect::kNoExecute);
  EXPECT_EQ(node.taints[1].effect, TaintEffect::kNone);
  EXPECT_THAT(node.capacity, ElementsAre(Pair("cpu", Q("4")), Pair("pods", Q("110"))));
  EXPECT_THAT(node.allocatable, ElementsAre(Pair("cpu", Q("3500m"))));
  ASSERT_THAT(node.images, SizeIs(1));
  EXPECT_THAT(node.images[0].names, ElementsAre("x:1", "x@sha256:0"));
  EXPECT_EQ(node.images[0].size_bytes, 12);
  EXPECT_EQ(node.conditions[0].type, "Ready");
  EXPECT_THAT(node.declared_features, ElementsAre("F"));
}

TEST(JsonNode, AllocatesItsCapacityUnlessItSaysOtherwise) {
  const Node node = DecodeAs<Node>(Kind::kNode, R"("status": {"capacity": {"cpu": "4"}})");
  EXPECT_THAT(node.allocatable, ElementsAre(Pair("cpu", Q("4"))));
  const Node none = DecodeAs<Node>(Kind::kNode, R"("status": {"allocatable": {},
                                                             "capacity": {"cpu": "4"}})");
  EXPECT_THAT(none.allocatable, IsEmpty());
}

TEST(JsonNamespace, ReadsItsLabels) {
  const absl::StatusOr<Object> object = MakeJsonDecoder()->DecodeObject(
      Kind::kNamespace, R"({"metadata": {"name": "shop", "labels": {"team": "a"}}})");
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_THAT(MetadataOf(*object).labels, ElementsAre(Pair("team", "a")));
}

TEST(JsonPodDisruptionBudget, TellsAnEmptySelectorFromNone) {
  const auto budget = DecodeAs<PodDisruptionBudget>(Kind::kPodDisruptionBudget, R"(
    "spec": {"selector": {}}, "status": {"disruptionsAllowed": 2,
      "disruptedPods": {"b": "2026-11-21T10:09:00Z", "a": "2026-11-21T10:09:00Z"}})");
  EXPECT_TRUE(budget.selector);
  EXPECT_EQ(budget.disruptions_allowed, 2);
  EXPECT_THAT(budget.disrupted_pods, ElementsAre("a", "b"));
  EXPECT_FALSE(DecodeAs<PodDisruptionBudget>(Kind::kPodDisruptionBudget, R"("spec": {})").selector);
}

TEST(JsonPersistentVolume, ReadsSpecAndPhase) {
  const auto volume = DecodeAs<PersistentVolume>(Kind::kPersistentVolume, R"(
    "spec": {"capacity": {"storage": "10Gi"}, "accessModes": ["ReadWriteOnce"],
      "storageClassName": "fast", "volumeMode": "Block",
      "claimRef": {"namespace": "shop", "name": "data", "uid": "u1"},
      "nodeAffinity": {"required": {"nodeSelectorTerms": [{}]}},
      "csi": {"driver": "csi.example.com", "volumeHandle": "h"},
      "volumeAttributesClassName": "gold"}, "status": {"phase": "Bound"})");
  EXPECT_THAT(volume.capacity, ElementsAre(Pair("storage", Q("10Gi"))));
  EXPECT_THAT(volume.access_modes, ElementsAre("ReadWriteOnce"));
  EXPECT_EQ(volume.storage_class_name, "fast");
  EXPECT_EQ(volume.volume_mode, "Block");
  EXPECT_EQ(volume.claim_namespace, "shop");
  EXPECT_EQ(volume.claim_name, "data");
  EXPECT_EQ(volume.claim_uid, "u1");
  ASSERT_TRUE(volume.node_affinity);
  EXPECT_THAT(volume.node_affinity->terms, SizeIs(1));
  EXPECT_EQ(volume.csi_driver, "csi.example.com");
  EXPECT_EQ(volume.csi_volume_handle, "h");
  EXPECT_EQ(volume.volume_attributes_class_name, "gold");
  EXPECT_EQ(volume.phase, "Bound");
}

TEST(JsonPersistentVolume, ReadsADiskOfAnInTreePlugin) {
  const auto volume = DecodeAs<PersistentVolume>(
      Kind::kPersistentVolume, R"("spec": {"cinder": {"volumeID": "c1", "readOnly": true}})");
  ASSERT_TRUE(volume.in_tree_disk);
  EXPECT_EQ(volume.in_tree_disk->plugin, InTreeDisk::Plugin::kCinder);
  EXPECT_EQ(volume.in_tree_disk->id, "c1");
  EXPECT_TRUE(volume.in_tree_disk->read_only);
  EXPECT_EQ(volume.csi_driver, "");
}

TEST(JsonPersistentVolumeClaim, TellsTheEmptyClassFromNone) {
  const auto claim = DecodeAs<PersistentVolumeClaim>(Kind::kPersistentVolumeClaim, R"(
    "spec": {"accessModes": ["ReadOnlyMany"], "selector": {"matchLabels": {"a": "1"}},
      "resources": {"requests": {"storage": "1Gi"}}, "volumeName": "pv", "storageClassName": "",
      "volumeAttributesClassName": "gold"}, "status": {"phase": "Pending"})");
  EXPECT_THAT(claim.access_modes, ElementsAre("ReadOnlyMany"));
  EXPECT_TRUE(claim.selector);
  EXPECT_THAT(claim.requests, ElementsAre(Pair("storage", Q("1Gi"))));
  EXPECT_EQ(claim.volume_name, "pv");
  EXPECT_EQ(claim.storage_class_name, "");
  EXPECT_EQ(claim.volume_mode, "Filesystem");
  EXPECT_EQ(claim.volume_attributes_class_name, "gold");
  EXPECT_EQ(claim.phase, "Pending");
  EXPECT_FALSE(DecodeAs<PersistentVolumeClaim>(Kind::kPersistentVolumeClaim, R"("spec": {})")
                   .storage_class_name);
}

TEST(JsonStorageClass, ReadsItsTopologies) {
  const auto storage = DecodeAs<StorageClass>(Kind::kStorageClass, R"(
    "provisioner": "csi.example.com", "volumeBindingMode": "WaitForFirstConsumer",
    "allowedTopologies": [{"matchLabelExpressions": [{"key": "zone", "values": ["a", "b"]}]}])");
  EXPECT_EQ(storage.provisioner, "csi.example.com");
  EXPECT_EQ(storage.binding_mode, StorageClass::BindingMode::kWaitForFirstConsumer);
  EXPECT_EQ(DecodeAs<StorageClass>(Kind::kStorageClass, R"("volumeBindingMode": "Immediate")")
                .binding_mode,
            StorageClass::BindingMode::kImmediate);
  EXPECT_EQ(DecodeAs<StorageClass>(Kind::kStorageClass, R"("provisioner": "p")").binding_mode,
            StorageClass::BindingMode::kUnset);
  ASSERT_THAT(storage.allowed_topologies, SizeIs(1));
  ASSERT_THAT(storage.allowed_topologies[0], SizeIs(1));
  EXPECT_EQ(storage.allowed_topologies[0][0].op, SelectorOperator::kIn);
  EXPECT_THAT(storage.allowed_topologies[0][0].values, ElementsAre("a", "b"));
}

TEST(JsonCsiNode, ReadsItsDrivers) {
  const auto node = DecodeAs<CsiNode>(Kind::kCsiNode, R"("spec": {"drivers": [
    {"name": "d", "nodeID": "i", "topologyKeys": ["zone"], "allocatable": {"count": 25}},
    {"name": "e"}]})");
  ASSERT_THAT(node.drivers, SizeIs(2));
  EXPECT_EQ(node.drivers[0].node_id, "i");
  EXPECT_THAT(node.drivers[0].topology_keys, ElementsAre("zone"));
  EXPECT_EQ(node.drivers[0].allocatable_count, 25);
  EXPECT_FALSE(node.drivers[1].allocatable_count);
}

TEST(JsonCsiDriver, TracksCapacityWhenItSaysSo) {
  EXPECT_TRUE(DecodeAs<CsiDriver>(Kind::kCsiDriver, R"("spec": {"storageCapacity": true})")
                  .storage_capacity);
  EXPECT_FALSE(DecodeAs<CsiDriver>(Kind::kCsiDriver, R"("spec": {})").storage_capacity);
}

TEST(JsonCsiStorageCapacity, TellsZeroFromNone) {
  const auto capacity = DecodeAs<CsiStorageCapacity>(Kind::kCsiStorageCapacity,
                                                     R"("storageClassName": "fast", "capacity": "0",
      "maximumVolumeSize": null, "nodeTopology": {"matchLabels": {"zone": "a"}})");
  EXPECT_EQ(capacity.storage_class_name, "fast");
  EXPECT_EQ(capacity.capacity, Q("0"));
  EXPECT_FALSE(capacity.maximum_volume_size);
  ASSERT_TRUE(capacity.node_topology);
  EXPECT_THAT(capacity.node_topology->match_labels, ElementsAre(Pair("zone", "a")));
  EXPECT_FALSE(DecodeAs<CsiStorageCapacity>(Kind::kCsiStorageCapacity, R"("capacity": "1Gi")")
                   .node_topology);
}

TEST(JsonVolumeAttachment, ReadsWhatIsAttachedWhere) {
  const auto attachment = DecodeAs<VolumeAttachment>(Kind::kVolumeAttachment,
                                                     R"("spec": {"attacher": "d", "nodeName": "n1",
      "source": {"persistentVolumeName": "pv"}}, "status": {"attached": true})");
  EXPECT_EQ(attachment.attacher, "d");
  EXPECT_EQ(attachment.node_name, "n1");
  EXPECT_EQ(attachment.persistent_volume_name, "pv");
}

TEST(JsonPriorityClass, ReadsItsValue) {
  const auto priority = DecodeAs<PriorityClass>(
      Kind::kPriorityClass, R"("value": 1000, "globalDefault": true, "preemptionPolicy": "Never")");
  EXPECT_EQ(priority.value, 1000);
  EXPECT_TRUE(priority.global_default);
  EXPECT_FALSE(priority.preempts);
}

TEST(JsonSelectingOwners, TakeAMapOrASelector) {
  const char kMap[] = R"("spec": {"selector": {"app": "web"}})";
  const char kSelector[] = R"("spec": {"selector": {"matchLabels": {"app": "web"}}})";
  const StringMap labels = {{"app", "web"}};
  EXPECT_EQ(DecodeAs<Service>(Kind::kService, kMap).selector->match_labels, labels);
  EXPECT_EQ(
      DecodeAs<ReplicationController>(Kind::kReplicationController, kMap).selector->match_labels,
      labels);
  EXPECT_EQ(DecodeAs<ReplicaSet>(Kind::kReplicaSet, kSelector).selector->match_labels, labels);
  EXPECT_EQ(DecodeAs<StatefulSet>(Kind::kStatefulSet, kSelector).selector->match_labels, labels);
}

TEST(JsonSelectingOwners, EmptyMapSelectsNothingEmptySelectorEverything) {
  const char kEmpty[] = R"("spec": {"selector": {}})";
  EXPECT_FALSE(DecodeAs<Service>(Kind::kService, kEmpty).selector);
  EXPECT_TRUE(DecodeAs<ReplicaSet>(Kind::kReplicaSet, kEmpty).selector);
}

TEST(JsonLease, ReadsMicroseconds) {
  const auto lease = DecodeAs<Lease>(Kind::kLease, R"("spec": {"holderIdentity": "a",
    "leaseDurationSeconds": 15, "acquireTime": "2026-11-21T10:09:00.123456Z",
    "renewTime": "2026-11-21T11:09:01.5+01:00", "leaseTransitions": 3})");
  EXPECT_EQ(lease.holder_identity, "a");
  EXPECT_EQ(lease.lease_duration_seconds, 15);
  EXPECT_EQ(lease.acquire_time, absl::FromUnixMicros(1795255740123456));
  EXPECT_EQ(lease.renew_time, absl::FromUnixMicros(1795255741500000));
  EXPECT_EQ(lease.lease_transitions, 3);
}

TEST(JsonEvent, ReadsTheCoreGroup) {
  const auto event = DecodeAs<Event>(Kind::kEvent, R"("kind": "Event", "apiVersion": "v1",
    "involvedObject": {"kind": "Pod", "name": "web"}, "type": "Normal", "reason": "Scheduled",
    "message": "done", "source": {"component": "default-scheduler", "host": "h"},
    "firstTimestamp": "2026-11-21T10:09:00Z", "eventTime": null, "reportingComponent": "")");
  EXPECT_EQ(event.regarding.name, "web");
  EXPECT_EQ(event.note, "done");
  EXPECT_EQ(event.reporting_controller, "default-scheduler");
  EXPECT_EQ(event.reporting_instance, "h");
  EXPECT_EQ(event.event_time, absl::FromUnixSeconds(1795255740));
  EXPECT_EQ(event.series_count, 0);
}

TEST(JsonEvent, ReadsTheEventsGroup) {
  const auto event = DecodeAs<Event>(Kind::kEvent, R"(
    "regarding": {"kind": "Pod", "name": "web"}, "note": "done", "action": "Binding",
    "reportingController": "heat-scheduler", "reportingInstance": "i", "deprecatedSource": {},
    "eventTime": "2026-11-21T10:09:00.5Z",
    "series": {"count": 4, "lastObservedTime": "2026-11-21T10:09:01Z"})");
  EXPECT_EQ(event.regarding.kind, "Pod");
  EXPECT_EQ(event.note, "done");
  EXPECT_EQ(event.action, "Binding");
  EXPECT_EQ(event.reporting_controller, "heat-scheduler");
  EXPECT_EQ(event.event_time, absl::FromUnixMillis(1795255740500));
  EXPECT_EQ(event.series_count, 4);
  EXPECT_EQ(event.series_last_observed_time, absl::FromUnixSeconds(1795255741));
}

}  // namespace json_kinds_test
}  // namespace heat_scheduler::kube
