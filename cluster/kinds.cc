#include "cluster/kinds.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/strings.h"

namespace heat_scheduler::cluster {
namespace {

enum Flag : unsigned {
  kNamespaced = 1,
  kStatus = 2,
  kScale = 4,
  kGeneration = 8,
};

ResourceInfo Row(std::string_view group, std::string_view version, std::string_view plural,
                 std::string_view singular, std::string_view kind, unsigned flags,
                 std::vector<std::string_view> short_names = {},
                 std::vector<std::string_view> categories = {}) {
  ResourceInfo row;
  row.group = group;
  row.version = version;
  row.plural = plural;
  row.singular = singular;
  row.kind = kind;
  row.short_names = std::move(short_names);
  row.categories = std::move(categories);
  row.namespaced = (flags & kNamespaced) != 0;
  row.has_status = (flags & kStatus) != 0;
  row.has_scale = (flags & kScale) != 0;
  row.has_generation = (flags & kGeneration) != 0;
  return row;
}

std::vector<ResourceInfo> MakeTable() {
  constexpr unsigned kN = kNamespaced;
  constexpr unsigned kNS = kNamespaced | kStatus;
  constexpr unsigned kNSG = kNamespaced | kStatus | kGeneration;
  constexpr unsigned kWorkload = kNSG | kScale;
  const std::string_view rbac = "rbac.authorization.k8s.io";
  std::vector<ResourceInfo> rows = {
      Row("", "v1", "configmaps", "configmap", "ConfigMap", kN, {"cm"}),
      Row("", "v1", "endpoints", "endpoints", "Endpoints", kN, {"ep"}),
      Row("", "v1", "events", "event", "Event", kN, {"ev"}),
      Row("", "v1", "limitranges", "limitrange", "LimitRange", kN, {"limits"}),
      Row("", "v1", "namespaces", "namespace", "Namespace", kStatus, {"ns"}),
      Row("", "v1", "nodes", "node", "Node", kStatus, {"no"}),
      Row("", "v1", "persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", kNS,
          {"pvc"}),
      Row("", "v1", "persistentvolumes", "persistentvolume", "PersistentVolume", kStatus, {"pv"}),
      Row("", "v1", "pods", "pod", "Pod", kNSG, {"po"}, {"all"}),
      Row("", "v1", "replicationcontrollers", "replicationcontroller", "ReplicationController",
          kWorkload, {"rc"}, {"all"}),
      Row("", "v1", "resourcequotas", "resourcequota", "ResourceQuota", kNS, {"quota"}),
      Row("", "v1", "secrets", "secret", "Secret", kN),
      Row("", "v1", "serviceaccounts", "serviceaccount", "ServiceAccount", kN, {"sa"}),
      Row("", "v1", "services", "service", "Service", kNS, {"svc"}, {"all"}),
      Row("apps", "v1", "daemonsets", "daemonset", "DaemonSet", kNSG, {"ds"}, {"all"}),
      Row("apps", "v1", "deployments", "deployment", "Deployment", kWorkload, {"deploy"}, {"all"}),
      Row("apps", "v1", "replicasets", "replicaset", "ReplicaSet", kWorkload, {"rs"}, {"all"}),
      Row("apps", "v1", "statefulsets", "statefulset", "StatefulSet", kWorkload, {"sts"}, {"all"}),
      Row("autoscaling", "v2", "horizontalpodautoscalers", "horizontalpodautoscaler",
          "HorizontalPodAutoscaler", kNS, {"hpa"}, {"all"}),
      Row("batch", "v1", "cronjobs", "cronjob", "CronJob", kNSG, {"cj"}, {"all"}),
      Row("batch", "v1", "jobs", "job", "Job", kNSG, {}, {"all"}),
      Row("coordination.k8s.io", "v1", "leases", "lease", "Lease", kN),
      Row("events.k8s.io", "v1", "events", "event", "Event", kN, {"ev"}),
      Row("policy", "v1", "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget",
          kNSG, {"pdb"}),
      Row(rbac, "v1", "clusterrolebindings", "clusterrolebinding", "ClusterRoleBinding", 0),
      Row(rbac, "v1", "clusterroles", "clusterrole", "ClusterRole", 0),
      Row(rbac, "v1", "rolebindings", "rolebinding", "RoleBinding", kN),
      Row(rbac, "v1", "roles", "role", "Role", kN),
      Row("scheduling.k8s.io", "v1", "priorityclasses", "priorityclass", "PriorityClass", 0,
          {"pc"}),
      Row("storage.k8s.io", "v1", "csidrivers", "csidriver", "CSIDriver", 0),
      Row("storage.k8s.io", "v1", "csinodes", "csinode", "CSINode", 0),
      Row("storage.k8s.io", "v1", "csistoragecapacities", "csistoragecapacity",
          "CSIStorageCapacity", kN),
      Row("storage.k8s.io", "v1", "storageclasses", "storageclass", "StorageClass", 0, {"sc"}),
      Row("storage.k8s.io", "v1", "volumeattachments", "volumeattachment", "VolumeAttachment",
          kStatus),
  };
  std::size_t events = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].storage = i;
    if (rows[i].plural == "events" && rows[i].group.empty()) events = i;
    if (rows[i].plural == "events") rows[i].storage = events;
  }
  return rows;
}

const ResourceInfo& Known(std::string_view group, std::string_view version,
                          std::string_view plural) {
  const ResourceInfo* found = FindResource(group, version, plural);
  HS_CHECK(found != nullptr, "the table of kinds lacks a resource that the server needs");
  return *found;
}

}  // namespace

const std::vector<ResourceInfo>& Resources() {
  static const std::vector<ResourceInfo>& table = *new std::vector<ResourceInfo>(MakeTable());
  return table;
}

std::size_t StorageCount() { return Resources().size(); }

const ResourceInfo* FindResource(std::string_view group, std::string_view version,
                                 std::string_view plural) {
  for (const ResourceInfo& row : Resources()) {
    if (row.group == group && row.version == version && row.plural == plural) return &row;
  }
  return nullptr;
}

const ResourceInfo* FindKind(std::string_view api_version, std::string_view kind) {
  const std::size_t slash = api_version.find('/');
  const bool core = slash == std::string_view::npos;
  const std::string_view group = core ? std::string_view() : api_version.substr(0, slash);
  const std::string_view version = core ? api_version : api_version.substr(slash + 1);
  for (const ResourceInfo& row : Resources()) {
    if (row.group == group && row.version == version && row.kind == kind) return &row;
  }
  return nullptr;
}

const ResourceInfo& StorageForm(const ResourceInfo& resource) {
  return Resources()[resource.storage];
}

const ResourceInfo& PodResource() {
  static const ResourceInfo& row = Known("", "v1", "pods");
  return row;
}

const ResourceInfo& NodeResource() {
  static const ResourceInfo& row = Known("", "v1", "nodes");
  return row;
}

const ResourceInfo& NamespaceResource() {
  static const ResourceInfo& row = Known("", "v1", "namespaces");
  return row;
}

const ResourceInfo& EventResource() {
  static const ResourceInfo& row = Known("", "v1", "events");
  return row;
}

const ResourceInfo& PriorityClassResource() {
  static const ResourceInfo& row = Known("scheduling.k8s.io", "v1", "priorityclasses");
  return row;
}

const ResourceInfo& PodDisruptionBudgetResource() {
  static const ResourceInfo& row = Known("policy", "v1", "poddisruptionbudgets");
  return row;
}

const ResourceInfo& PersistentVolumeResource() {
  static const ResourceInfo& row = Known("", "v1", "persistentvolumes");
  return row;
}

const ResourceInfo& PersistentVolumeClaimResource() {
  static const ResourceInfo& row = Known("", "v1", "persistentvolumeclaims");
  return row;
}

const ResourceInfo& StorageClassResource() {
  static const ResourceInfo& row = Known("storage.k8s.io", "v1", "storageclasses");
  return row;
}

std::string ApiVersionOf(const ResourceInfo& resource) {
  if (resource.group.empty()) return std::string(resource.version);
  return absl::StrCat(ToAbsl(resource.group), "/", ToAbsl(resource.version));
}

std::string QualifiedName(const ResourceInfo& resource) {
  if (resource.group.empty()) return std::string(resource.plural);
  return absl::StrCat(ToAbsl(resource.plural), ".", ToAbsl(resource.group));
}

}  // namespace heat_scheduler::cluster
