// Decodes pods: a document with everything that is read, then what is defaulted or odd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "kube/codec.h"
#include "kube/pod_requests.h"
#include "tests/support/objects.h"

namespace heat_scheduler::kube {
namespace json_pod_test {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

// Returns the pod of a document with these members besides a name.
Pod DecodePod(const std::string& members) {
  const absl::StatusOr<Object> object = MakeJsonDecoder()->DecodeObject(
      Kind::kPod, R"({"metadata":{"name":"web","namespace":"shop"},)" + members + "}");
  EXPECT_TRUE(object.ok()) << object.status();
  return object.ok() ? *std::get<Ref<Pod>>(*object) : Pod{};
}

PodSpec DecodeSpec(const std::string& members) {
  return *DecodePod(R"("spec":{)" + members + "}").spec;
}

TEST(JsonPod, ReadsItsMetadata) {
  const absl::StatusOr<Object> object = MakeJsonDecoder()->DecodeObject(Kind::kPod, R"({
    "kind": "Pod", "apiVersion": "v1",
    "metadata": {"name": "web", "namespace": "shop", "uid": "u1", "resourceVersion": "42",
      "labels": {"app": "web", "a": "1"}, "annotations": {"x/y": "z"},
      "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "rs",
                           "uid": "u2", "controller": true, "blockOwnerDeletion": true}],
      "creationTimestamp": "2026-11-21T10:09:00Z", "deletionTimestamp": null,
      "managedFields": [{"manager": "x"}]}})");
  ASSERT_TRUE(object.ok()) << object.status();
  const ObjectMeta& metadata = MetadataOf(*object);
  EXPECT_EQ(KeyOf(metadata), "shop/web");
  EXPECT_EQ(metadata.uid, "u1");
  EXPECT_EQ(metadata.resource_version, "42");
  EXPECT_THAT(metadata.labels, ElementsAre(Pair("a", "1"), Pair("app", "web")));
  EXPECT_THAT(metadata.annotations, ElementsAre(Pair("x/y", "z")));
  ASSERT_THAT(*metadata.owner_references, SizeIs(1));
  EXPECT_EQ(metadata.owner_references->at(0).kind, "ReplicaSet");
  EXPECT_TRUE(metadata.owner_references->at(0).controller);
  EXPECT_EQ(metadata.creation_timestamp, absl::FromUnixSeconds(1795255740));
  EXPECT_FALSE(metadata.deletion_timestamp);
}

TEST(JsonPod, DefaultsWhatIsAbsentOrNull) {
  for (const char* members : {R"("status":null)", R"("spec":null)",
                              R"("spec":{"schedulerName":"","priority":null,"containers":null,
                                         "affinity":null,"tolerations":null})"}) {
    const Pod pod = DecodePod(members);
    EXPECT_EQ(pod.spec->scheduler_name, "default-scheduler");
    EXPECT_EQ(pod.spec->priority, 0);
    EXPECT_TRUE(pod.spec->preempts);
    EXPECT_TRUE(pod.spec->host_users);
    EXPECT_THAT(pod.spec->containers, IsEmpty());
    EXPECT_THAT(pod.spec->tolerations, IsEmpty());
    EXPECT_FALSE(pod.terminated());
  }
}

TEST(JsonPod, ReadsTheFieldsOfItsSpec) {
  const Pod pod = DecodePod(R"("spec": {"nodeName": "n1", "schedulerName": "heat-scheduler",
    "priority": -2147483648, "priorityClassName": "low", "preemptionPolicy": "Never",
    "nodeSelector": {"disk": "ssd"}, "schedulingGates": [{"name": "g1"}, {"name": "g2"}],
    "resourceClaims": [{"name": "gpu", "resourceClaimName": "c"}],
    "schedulingGroup": {"podGroupName": "ring"}, "hostUsers": false,
    "overhead": {"cpu": "250m"}, "resources": {"requests": {"cpu": "2"}}})");
  EXPECT_EQ(pod.node_name, "n1");
  const PodSpec& spec = *pod.spec;
  EXPECT_EQ(spec.scheduler_name, "heat-scheduler");
  EXPECT_EQ(spec.priority, std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(spec.priority_class_name, "low");
  EXPECT_FALSE(spec.preempts);
  EXPECT_THAT(spec.node_selector, ElementsAre(Pair("disk", "ssd")));
  EXPECT_THAT(spec.scheduling_gates, ElementsAre("g1", "g2"));
  EXPECT_THAT(spec.resource_claims, ElementsAre("gpu"));
  EXPECT_EQ(spec.pod_group, "ring");
  EXPECT_FALSE(spec.host_users);
  EXPECT_THAT(spec.overhead, ElementsAre(Pair("cpu", Q("250m"))));
  EXPECT_THAT(spec.pod_requests, ElementsAre(Pair("cpu", Q("2"))));
}

TEST(JsonPod, ReadsItsContainers) {
  const PodSpec spec = DecodeSpec(R"(
    "initContainers": [
      {"name": "i", "restartPolicy": "Always", "image": "proxy:1"},
      {"name": "j", "restartPolicyRules": [{"action": "Restart"},
                                           {"action": "RestartAllContainers"}]}],
    "containers": [
      {"name": "c", "image": "web:2", "restartPolicy": "Always",
       "resources": {"requests": {"cpu": "500m", "memory": "1Gi", "example.com/gpu": 2},
                     "limits": {"cpu": "1"}},
       "ports": [{"containerPort": 80, "hostPort": 8080, "hostIP": "10.0.0.1"},
                 {"containerPort": 53, "protocol": "UDP"}, {"protocol": ""}]}])");
  ASSERT_THAT(spec.init_containers, SizeIs(2));
  EXPECT_TRUE(spec.init_containers[0].restartable);
  EXPECT_FALSE(spec.init_containers[0].restarts_all_containers);
  EXPECT_FALSE(spec.init_containers[1].restartable);
  EXPECT_TRUE(spec.init_containers[1].restarts_all_containers);
  ASSERT_THAT(spec.containers, SizeIs(1));
  const Container& container = spec.containers[0];
  EXPECT_EQ(container.name, "c");
  EXPECT_EQ(container.image, "web:2");
  EXPECT_FALSE(container.restartable);
  EXPECT_THAT(container.requests,
              ElementsAre(Pair("cpu", Q("500m")), Pair("example.com/gpu", Q("2")),
                          Pair("memory", Q("1Gi"))));
  EXPECT_THAT(container.limits, ElementsAre(Pair("cpu", Q("1"))));
  ASSERT_THAT(container.ports, SizeIs(3));
  EXPECT_EQ(container.ports[0].host_port, 8080);
  EXPECT_EQ(container.ports[0].protocol, "TCP");
  EXPECT_EQ(container.ports[0].host_ip, "10.0.0.1");
  EXPECT_EQ(container.ports[1].protocol, "UDP");
  EXPECT_EQ(container.ports[2].protocol, "TCP");
}

TEST(JsonPod, RequestsWhatIsLimitedAndNotRequested) {
  const PodSpec spec = DecodeSpec(R"("containers": [
      {"name": "c", "resources": {"limits": {"cpu": "1", "memory": "1Gi"},
                                  "requests": {"cpu": "100m"}}}],
    "resources": {"limits": {"cpu": "9", "hugepages-2Mi": "4Mi"}})");
  EXPECT_THAT(spec.containers[0].requests,
              ElementsAre(Pair("cpu", Q("100m")), Pair("memory", Q("1Gi"))));
  EXPECT_THAT(spec.pod_requests, ElementsAre(Pair("hugepages-2Mi", Q("4Mi"))));
}

TEST(JsonPod, TakesItsPortsOnTheHostNetwork) {
  const Pod pod = DecodePod(R"("spec": {"hostNetwork": true, "containers": [
    {"ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 91}]}]})");
  EXPECT_THAT(PodHostPorts(pod),
              ElementsAre(HostPort{"TCP", "0.0.0.0", 80}, HostPort{"TCP", "0.0.0.0", 91}));
}

TEST(JsonPod, ReadsTolerations) {
  const PodSpec spec = DecodeSpec(R"("tolerations": [
    {"key": "a", "value": "1", "effect": "NoSchedule"},
    {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": -5},
    {"key": "b", "operator": "Gt", "value": "3"},
    {"key": "c", "operator": "Exists", "effect": "NoStart"}])");
  ASSERT_THAT(spec.tolerations, SizeIs(4));
  EXPECT_EQ(spec.tolerations[0].key, "a");
  EXPECT_EQ(spec.tolerations[0].value, "1");
  EXPECT_FALSE(spec.tolerations[0].exists);
  EXPECT_EQ(spec.tolerations[0].effect, TaintEffect::kNoSchedule);
  EXPECT_TRUE(spec.tolerations[1].exists);
  EXPECT_EQ(spec.tolerations[1].toleration_seconds, -5);
  EXPECT_FALSE(spec.tolerations[1].unsupported_operator);
  EXPECT_TRUE(spec.tolerations[2].unsupported_operator);
  EXPECT_TRUE(spec.tolerations[3].unsupported_operator);
}

TEST(JsonPod, ReadsNodeAffinity) {
  const Affinity affinity = DecodeSpec(R"("affinity": {"nodeAffinity": {
    "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
      {"matchExpressions": [{"key": "arch", "operator": "In", "values": ["arm", "arm64"]},
                            {"key": "x", "operator": "Near"}],
       "matchFields": [{"key": "metadata.name", "operator": "NotIn", "values": ["n1"]}]}, null]},
    "preferredDuringSchedulingIgnoredDuringExecution": [
      {"weight": 7, "preference": {"matchExpressions": [{"key": "y", "operator": "Gt",
                                                         "values": ["1"]}]}}]}})")
                                .affinity;
  ASSERT_TRUE(affinity.required_node_affinity);
  ASSERT_THAT(affinity.required_node_affinity->terms, SizeIs(2));
  const NodeSelectorTerm& term = affinity.required_node_affinity->terms[0];
  ASSERT_THAT(term.match_expressions, SizeIs(2));
  EXPECT_EQ(term.match_expressions[0].op, SelectorOperator::kIn);
  EXPECT_THAT(term.match_expressions[0].values, ElementsAre("arm", "arm64"));
  EXPECT_EQ(term.match_expressions[1].op, SelectorOperator::kUnknown);
  ASSERT_THAT(term.match_fields, SizeIs(1));
  EXPECT_EQ(term.match_fields[0].op, SelectorOperator::kNotIn);
  ASSERT_THAT(affinity.preferred_node_affinity, SizeIs(1));
  EXPECT_EQ(affinity.preferred_node_affinity[0].weight, 7);
  EXPECT_EQ(affinity.preferred_node_affinity[0].preference.match_expressions[0].op,
            SelectorOperator::kGt);
}

TEST(JsonPod, ReadsPodAffinity) {
  const Affinity affinity = DecodeSpec(R"("affinity": {
    "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
      {"labelSelector": {"matchLabels": {"app": "db"},
                         "matchExpressions": [{"key": "k", "operator": "Gt", "values": ["1"]}]},
       "namespaces": ["a"], "namespaceSelector": {}, "topologyKey": "zone",
       "matchLabelKeys": ["m"], "mismatchLabelKeys": ["n"]}]},
    "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
      {"weight": 3, "podAffinityTerm": {"topologyKey": "host", "labelSelector": null}}]}})")
                                .affinity;
  ASSERT_THAT(affinity.required_pod_affinity, SizeIs(1));
  const PodAffinityTerm& term = affinity.required_pod_affinity[0];
  ASSERT_TRUE(term.label_selector);
  EXPECT_THAT(term.label_selector->match_labels, ElementsAre(Pair("app", "db")));
  EXPECT_EQ(term.label_selector->match_expressions[0].op, SelectorOperator::kUnknown);
  EXPECT_THAT(term.namespaces, ElementsAre("a"));
  EXPECT_TRUE(term.namespace_selector);
  EXPECT_EQ(term.topology_key, "zone");
  EXPECT_THAT(term.match_label_keys, ElementsAre("m"));
  EXPECT_THAT(term.mismatch_label_keys, ElementsAre("n"));
  ASSERT_THAT(affinity.preferred_pod_anti_affinity, SizeIs(1));
  EXPECT_EQ(affinity.preferred_pod_anti_affinity[0].weight, 3);
  EXPECT_FALSE(affinity.preferred_pod_anti_affinity[0].term.label_selector);
}

TEST(JsonPod, ReadsSpreadConstraints) {
  const PodSpec spec = DecodeSpec(R"("topologySpreadConstraints": [
    {"maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway",
     "labelSelector": {}, "minDomains": 3, "nodeAffinityPolicy": "Ignore",
     "nodeTaintsPolicy": "Honor", "matchLabelKeys": ["m"]},
    {"topologyKey": "host", "whenUnsatisfiable": "SomethingNew"}])");
  ASSERT_THAT(spec.topology_spread_constraints, SizeIs(2));
  const TopologySpreadConstraint& full = spec.topology_spread_constraints[0];
  EXPECT_EQ(full.max_skew, 2);
  EXPECT_TRUE(full.schedule_anyway);
  EXPECT_TRUE(full.label_selector);
  EXPECT_EQ(full.min_domains, 3);
  EXPECT_FALSE(full.honor_node_affinity);
  EXPECT_TRUE(full.honor_node_taints);
  const TopologySpreadConstraint& bare = spec.topology_spread_constraints[1];
  EXPECT_EQ(bare.max_skew, 1);
  EXPECT_FALSE(bare.schedule_anyway);
  EXPECT_TRUE(bare.honor_node_affinity);
  EXPECT_FALSE(bare.honor_node_taints);
  EXPECT_FALSE(bare.min_domains);
}

TEST(JsonPod, ReadsVolumes) {
  const PodSpec spec = DecodeSpec(R"("volumes": [
    {"name": "a", "persistentVolumeClaim": {"claimName": "data", "readOnly": true}},
    {"name": "b", "ephemeral": {"volumeClaimTemplate": {}}},
    {"name": "c", "image": {"reference": "quay.io/x:1"}},
    {"name": "d", "gcePersistentDisk": {"pdName": "pd", "readOnly": true}},
    {"name": "e", "awsElasticBlockStore": {"volumeID": "vol"}},
    {"name": "f", "iscsi": {"targetPortal": "1.2.3.4", "iqn": "iqn", "lun": 4}},
    {"name": "g", "rbd": {"monitors": ["m1"], "image": "img"}},
    {"name": "h", "azureDisk": {"diskName": "disk", "diskURI": "/disk", "kind": "Managed"}},
    {"name": "i", "cinder": {"volumeID": "cin"}},
    {"name": "j", "portworxVolume": {"volumeID": "px"}},
    {"name": "k", "emptyDir": {}, "iscsi": null, "cinder": null}])");
  ASSERT_THAT(spec.volumes, SizeIs(10));  // Of the last nothing is read.
  EXPECT_EQ(spec.volumes[0].claim_name, "data");
  EXPECT_TRUE(spec.volumes[0].claim_read_only);
  EXPECT_TRUE(spec.volumes[1].ephemeral);
  EXPECT_EQ(spec.volumes[2].image, "quay.io/x:1");
  using enum InTreeDisk::Plugin;
  EXPECT_EQ(spec.volumes[3].in_tree_disk->plugin, kGcePersistentDisk);
  EXPECT_EQ(spec.volumes[3].in_tree_disk->id, "pd");
  EXPECT_TRUE(spec.volumes[3].in_tree_disk->read_only);
  EXPECT_EQ(spec.volumes[4].in_tree_disk->plugin, kAwsElasticBlockStore);
  EXPECT_EQ(spec.volumes[4].in_tree_disk->id, "vol");
  EXPECT_FALSE(spec.volumes[4].in_tree_disk->read_only);
  EXPECT_EQ(spec.volumes[5].iscsi->lun, 4);
  EXPECT_THAT(spec.volumes[6].rbd->monitors, ElementsAre("m1"));
  EXPECT_EQ(spec.volumes[6].rbd->pool, "rbd");
  EXPECT_EQ(spec.volumes[7].in_tree_disk->plugin, kAzureDisk);
  EXPECT_EQ(spec.volumes[7].in_tree_disk->id, "/disk");
  EXPECT_EQ(spec.volumes[7].in_tree_disk->azure_kind, "Managed");
  EXPECT_EQ(spec.volumes[8].in_tree_disk->plugin, kCinder);
  EXPECT_EQ(spec.volumes[8].in_tree_disk->id, "cin");
  EXPECT_EQ(spec.volumes[9].in_tree_disk->plugin, kPortworxVolume);
  EXPECT_EQ(spec.volumes[9].in_tree_disk->id, "px");
}

TEST(JsonPod, ReadsItsStatus) {
  const PodStatus status = DecodePod(R"("status": {"phase": "Failed", "nominatedNodeName": "n2",
    "startTime": "2026-11-21T10:09:00Z", "conditions": [
      {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no"},
      {"type": "PodResizePending", "status": "True", "reason": "Infeasible"}],
    "allocatedResources": {"cpu": "3"}, "resources": {"requests": {"cpu": "2", "memory": "1M"}},
    "containerStatuses": [
      {"name": "c", "resources": {"requests": {"cpu": "1"}}, "allocatedResources": {"cpu": "2"}},
      {"name": "quiet", "allocatedResources": {"cpu": "2"}}],
    "initContainerStatuses": [{"resources": {}, "name": "side"}]})")
                               .status;
  EXPECT_EQ(status.phase, "Failed");
  EXPECT_EQ(status.nominated_node_name, "n2");
  EXPECT_EQ(status.start_time, absl::FromUnixSeconds(1795255740));
  ASSERT_THAT(*status.conditions, SizeIs(2));
  EXPECT_EQ(status.conditions->at(0).message, "no");
  EXPECT_TRUE(status.resize_infeasible);
  ASSERT_TRUE(status.allocated_pod_requests);
  EXPECT_THAT(*status.allocated_pod_requests,
              ElementsAre(Pair("cpu", Q("3")), Pair("memory", Q("1M"))));
  ASSERT_THAT(status.allocated_requests, SizeIs(2));
  EXPECT_THAT(status.allocated_requests.at("c"), ElementsAre(Pair("cpu", Q("2"))));
  EXPECT_THAT(status.allocated_requests.at("side"), IsEmpty());
}

TEST(JsonPod, TakesTheLastOfAKeyGivenTwice) {
  const Pod pod =
      DecodePod(R"("spec": {"nodeName": "n1", "priority": 3, "nodeSelector": {"a": "1"}},
    "spec": {"nodeName": "n2", "nodeName": "n3", "tolerations": [{}, {}], "tolerations": [{}],
             "nodeSelector": {"b": "1", "b": "2"}})");
  EXPECT_EQ(pod.node_name, "n3");
  EXPECT_EQ(pod.spec->priority, 0);
  EXPECT_THAT(pod.spec->tolerations, SizeIs(1));
  EXPECT_THAT(pod.spec->node_selector, ElementsAre(Pair("b", "2")));
}

}  // namespace json_pod_test
}  // namespace heat_scheduler::kube
