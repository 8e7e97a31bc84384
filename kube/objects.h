// The Kubernetes objects that scheduling reads, with the fields that it reads, named as in the API.
//
// Plain values, immutable once decoded (they are shared as shared_ptr<const T>). What the API
// defaults is already defaulted here where a reader would otherwise have to know it (protocol TCP,
// operator Equal). Fields that scheduling does not read are not kept; the embedded API server keeps
// whole documents instead. Source: k8s.io/api v0.36 core/v1, policy/v1, storage/v1, scheduling/v1,
// apps/v1, coordination/v1.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "base/cow.h"
#include "kube/quantity.h"
#include "kube/text_map.h"

namespace heat_scheduler::kube {

using StringMap = TextMap<std::string>;

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;

  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

struct ObjectMeta {
  std::string name;
  std::string namespace_;  // Empty for cluster-scoped objects.
  std::string uid;
  std::string resource_version;
  StringMap labels;
  StringMap annotations;
  Cow<std::vector<OwnerReference>> owner_references;
  std::optional<absl::Time> creation_timestamp;
  std::optional<absl::Time> deletion_timestamp;
};

// ---- Selectors ----

// kUnknown: an operator that is not known here; a requirement with it holds for nothing.
enum class SelectorOperator { kIn, kNotIn, kExists, kDoesNotExist, kGt, kLt, kUnknown };

struct SelectorRequirement {
  std::string key;
  SelectorOperator op = SelectorOperator::kIn;
  std::vector<std::string> values;

  friend bool operator==(const SelectorRequirement&, const SelectorRequirement&) = default;
};

// metav1.LabelSelector: all of both parts must hold; empty matches everything, absent (nullopt)
// nothing.
struct LabelSelector {
  StringMap match_labels;
  std::vector<SelectorRequirement> match_expressions;

  friend bool operator==(const LabelSelector&, const LabelSelector&) = default;
};

struct NodeSelectorTerm {
  std::vector<SelectorRequirement> match_expressions;
  std::vector<SelectorRequirement> match_fields;  // metadata.name only.

  friend bool operator==(const NodeSelectorTerm&, const NodeSelectorTerm&) = default;
};

// Terms are alternatives; the requirements of a term must all hold. An empty term matches nothing.
struct NodeSelector {
  std::vector<NodeSelectorTerm> terms;

  friend bool operator==(const NodeSelector&, const NodeSelector&) = default;
};

// ---- Pod ----

struct ContainerPort {
  std::int32_t container_port = 0;
  std::int32_t host_port = 0;  // 0: none.
  std::string protocol = "TCP";
  std::string host_ip;  // Empty: all addresses.

  friend bool operator==(const ContainerPort&, const ContainerPort&) = default;
};

struct Container {
  std::string name;
  std::string image;
  ResourceList requests;
  ResourceList limits;
  std::vector<ContainerPort> ports;
  bool restartable = false;              // An init container with restartPolicy Always: a sidecar.
  bool restarts_all_containers = false;  // A restartPolicyRules entry with that action.

  friend bool operator==(const Container&, const Container&) = default;
};

enum class TaintEffect { kNone, kNoSchedule, kPreferNoSchedule, kNoExecute };

struct Toleration {
  std::string key;                    // Empty with kExists: every key.
  bool exists = false;                // Operator Exists; otherwise Equal.
  bool unsupported_operator = false;  // Lt, Gt (alpha), or operator or effect unknown: tolerates
                                      // nothing.
  std::string value;
  TaintEffect effect = TaintEffect::kNone;  // kNone: every effect.
  std::optional<std::int64_t> toleration_seconds;

  friend bool operator==(const Toleration&, const Toleration&) = default;
};

struct PreferredSchedulingTerm {
  std::int32_t weight = 0;
  NodeSelectorTerm preference;

  friend bool operator==(const PreferredSchedulingTerm&, const PreferredSchedulingTerm&) = default;
};

struct PodAffinityTerm {
  std::optional<LabelSelector> label_selector;
  std::vector<std::string> namespaces;
  std::optional<LabelSelector> namespace_selector;
  std::string topology_key;
  std::vector<std::string> match_label_keys;
  std::vector<std::string> mismatch_label_keys;

  friend bool operator==(const PodAffinityTerm&, const PodAffinityTerm&) = default;
};

struct WeightedPodAffinityTerm {
  std::int32_t weight = 0;
  PodAffinityTerm term;

  friend bool operator==(const WeightedPodAffinityTerm&, const WeightedPodAffinityTerm&) = default;
};

struct Affinity {
  std::optional<NodeSelector> required_node_affinity;
  std::vector<PreferredSchedulingTerm> preferred_node_affinity;
  std::vector<PodAffinityTerm> required_pod_affinity;
  std::vector<WeightedPodAffinityTerm> preferred_pod_affinity;
  std::vector<PodAffinityTerm> required_pod_anti_affinity;
  std::vector<WeightedPodAffinityTerm> preferred_pod_anti_affinity;

  friend bool operator==(const Affinity&, const Affinity&) = default;
};

struct TopologySpreadConstraint {
  std::int32_t max_skew = 1;
  std::string topology_key;
  bool schedule_anyway = false;  // whenUnsatisfiable; false: DoNotSchedule.
  std::optional<LabelSelector> label_selector;
  std::optional<std::int32_t> min_domains;
  bool honor_node_affinity = true;  // nodeAffinityPolicy.
  bool honor_node_taints = false;   // nodeTaintsPolicy.
  std::vector<std::string> match_label_keys;

  friend bool operator==(const TopologySpreadConstraint&,
                         const TopologySpreadConstraint&) = default;
};

// A disk of a storage plugin that was part of Kubernetes before CSI; each has a CSI driver that
// took its place.
struct InTreeDisk {
  enum class Plugin {
    kAwsElasticBlockStore,
    kAzureDisk,
    kCinder,
    kGcePersistentDisk,
    kPortworxVolume
  };
  Plugin plugin = Plugin::kAwsElasticBlockStore;
  std::string id;  // volumeID, pdName; of an Azure disk its diskURI.
  bool read_only = false;
  std::string azure_kind;  // azureDisk.kind; empty: not stated.

  friend bool operator==(const InTreeDisk&, const InTreeDisk&) = default;
};

// A volume of another kind is not kept.
struct Volume {
  std::string name;
  // Which of these is set says what kind it is.
  std::string claim_name;  // persistentVolumeClaim.claimName
  bool claim_read_only = false;
  bool ephemeral = false;  // Its claim is named <pod>-<volume>.
  std::string image;       // image.reference
  struct Iscsi {
    std::string target_portal, iqn;
    std::int32_t lun = 0;
    bool read_only = false;

    friend bool operator==(const Iscsi&, const Iscsi&) = default;
  };
  struct Rbd {
    std::vector<std::string> monitors;
    std::string pool, image;
    bool read_only = false;

    friend bool operator==(const Rbd&, const Rbd&) = default;
  };
  std::optional<InTreeDisk> in_tree_disk;
  std::optional<Iscsi> iscsi;
  std::optional<Rbd> rbd;

  friend bool operator==(const Volume&, const Volume&) = default;
};

struct PodCondition {
  std::string type;
  std::string status;
  std::string reason;
  std::string message;

  friend bool operator==(const PodCondition&, const PodCondition&) = default;
};

struct PodSpec {
  std::string scheduler_name = "default-scheduler";
  std::int32_t priority = 0;
  std::string priority_class_name;
  bool preempts = true;  // preemptionPolicy is not Never.
  StringMap node_selector;
  Affinity affinity;
  std::vector<Toleration> tolerations;
  std::vector<TopologySpreadConstraint> topology_spread_constraints;
  std::vector<std::string> scheduling_gates;
  std::vector<Container> init_containers;
  std::vector<Container> containers;
  ResourceList pod_requests;  // spec.resources.requests (pod-level resources).
  ResourceList pod_limits;
  ResourceList overhead;
  std::vector<Volume> volumes;
  std::vector<std::string> resource_claims;  // spec.resourceClaims names (DRA).
  std::string pod_group;                     // spec.schedulingGroup.podGroupName
  bool host_network = false;
  bool host_users = true;

  friend bool operator==(const PodSpec&, const PodSpec&) = default;
};

struct PodStatus {
  std::string phase;  // "Pending", "Running", "Succeeded", "Failed", "Unknown".
  std::string nominated_node_name;
  std::optional<absl::Time> start_time;
  Cow<std::vector<PodCondition>> conditions;
  // What the kubelet has allotted or applied, whichever is more, by container name; only containers
  // whose status states resources, as an in-place resize does.
  TextMap<ResourceList> allocated_requests;
  // The same for pod-level resources.
  std::optional<ResourceList> allocated_pod_requests;
  bool resize_infeasible = false;  // Condition PodResizePending has reason Infeasible.
};

// What pods of one template have in common can be shared by them (base/cow.h).
struct Pod {
  ObjectMeta metadata;
  Cow<PodSpec> spec;
  std::string node_name;  // spec.nodeName, which such pods do not have in common.
  PodStatus status;

  // Succeeded or Failed: it holds no resources any more.
  bool terminated() const { return status.phase == "Succeeded" || status.phase == "Failed"; }
};

// ---- Node ----

struct Taint {
  std::string key;
  std::string value;
  TaintEffect effect = TaintEffect::kNoSchedule;  // kNone: unknown, keeps nothing away.
};

struct ContainerImage {
  std::vector<std::string> names;
  std::int64_t size_bytes = 0;
};

struct NodeCondition {
  std::string type;
  std::string status;
};

struct Node {
  ObjectMeta metadata;
  bool unschedulable = false;
  std::vector<Taint> taints;
  ResourceList capacity;
  ResourceList allocatable;
  std::vector<ContainerImage> images;
  std::vector<NodeCondition> conditions;
  std::vector<std::string> declared_features;
};

// ---- The rest ----

struct Namespace {
  ObjectMeta metadata;
};

struct PodDisruptionBudget {
  ObjectMeta metadata;
  std::optional<LabelSelector> selector;
  std::int32_t disruptions_allowed = 0;
  std::vector<std::string> disrupted_pods;
};

struct PersistentVolume {
  ObjectMeta metadata;
  ResourceList capacity;
  std::vector<std::string> access_modes;
  std::string storage_class_name;
  std::string volume_mode = "Filesystem";
  std::string claim_namespace, claim_name, claim_uid;  // claimRef; claim_name empty: none.
  std::optional<NodeSelector> node_affinity;           // nodeAffinity.required
  std::string csi_driver, csi_volume_handle;           // Empty: not a CSI volume.
  std::optional<InTreeDisk> in_tree_disk;
  std::string volume_attributes_class_name;
  std::string phase;
};

struct PersistentVolumeClaim {
  ObjectMeta metadata;
  std::vector<std::string> access_modes;
  std::optional<LabelSelector> selector;
  ResourceList requests;
  std::string volume_name;
  std::optional<std::string> storage_class_name;
  std::string volume_mode = "Filesystem";
  std::string volume_attributes_class_name;
  std::string phase;
};

struct StorageClass {
  // kUnset: the API server has not defaulted it.
  enum class BindingMode { kUnset, kImmediate, kWaitForFirstConsumer };
  ObjectMeta metadata;
  std::string provisioner;
  BindingMode binding_mode = BindingMode::kUnset;
  std::vector<std::vector<SelectorRequirement>>
      allowed_topologies;  // Alternatives of requirements (In).
};

struct CsiNodeDriver {
  std::string name;
  std::string node_id;
  std::vector<std::string> topology_keys;
  std::optional<std::int32_t> allocatable_count;

  friend bool operator==(const CsiNodeDriver&, const CsiNodeDriver&) = default;
};

struct CsiNode {
  ObjectMeta metadata;
  std::vector<CsiNodeDriver> drivers;
};

struct CsiDriver {
  ObjectMeta metadata;
  bool storage_capacity = false;  // Its CSIStorageCapacity objects are to be heeded.
};

struct CsiStorageCapacity {
  ObjectMeta metadata;
  std::string storage_class_name;
  std::optional<LabelSelector> node_topology;  // Absent: reachable from no node.
  std::optional<Quantity> capacity;
  std::optional<Quantity> maximum_volume_size;
};

struct VolumeAttachment {
  ObjectMeta metadata;
  std::string attacher;  // The CSI driver.
  std::string node_name;
  std::string persistent_volume_name;  // Empty: the volume is stated inline.
};

struct PriorityClass {
  ObjectMeta metadata;
  std::int32_t value = 0;
  bool global_default = false;
  bool preempts = true;
};

// Service, ReplicationController, ReplicaSet and StatefulSet: what selects pods.
// Service and ReplicationController have match_labels only; theirs is absent when their selector is
// empty.
struct SelectingOwner {
  ObjectMeta metadata;
  std::optional<LabelSelector> selector;
};
struct Service : SelectingOwner {};
struct ReplicationController : SelectingOwner {};
struct ReplicaSet : SelectingOwner {};
struct StatefulSet : SelectingOwner {};

struct Lease {
  ObjectMeta metadata;
  std::string holder_identity;
  std::optional<std::int32_t> lease_duration_seconds;
  std::optional<absl::Time> acquire_time;
  std::optional<absl::Time> renew_time;
  std::int32_t lease_transitions = 0;
};

// What an event is about, or a binding's target: the fields of core/v1 ObjectReference that are
// used.
struct ObjectReference {
  std::string kind;
  std::string api_version;
  std::string namespace_;
  std::string name;
  std::string uid;
  std::string resource_version;
};

// events.k8s.io/v1 Event, as schedulers write it.
struct Event {
  ObjectMeta metadata;
  ObjectReference regarding;
  std::optional<ObjectReference> related;
  std::string type;    // "Normal" or "Warning".
  std::string reason;  // "Scheduled", "FailedScheduling", ...
  std::string action;  // "Binding", "Scheduling", ...
  std::string note;    // At most 1,024 bytes.
  std::string reporting_controller;
  std::string reporting_instance;
  std::optional<absl::Time> event_time;
  std::int32_t series_count = 0;  // 0: no series.
  std::optional<absl::Time> series_last_observed_time;
};

// core/v1 Binding: puts a pod on a node. metadata.uid is the precondition on the pod's UID.
struct Binding {
  ObjectMeta metadata;
  std::string target_node;
};

// "namespace/name", or the name alone for cluster-scoped objects.
std::string KeyOf(const ObjectMeta& metadata);

}  // namespace heat_scheduler::kube
