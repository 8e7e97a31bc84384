#include "kube/client/resources.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/strings.h"
#include "net/url.h"

namespace heat_scheduler::kube {
namespace {

constexpr std::array<Resource, 18> kResources = {{
    {Kind::kPod, "", "v1", "pods", true},
    {Kind::kNode, "", "v1", "nodes", false},
    {Kind::kNamespace, "", "v1", "namespaces", false},
    {Kind::kPodDisruptionBudget, "policy", "v1", "poddisruptionbudgets", true},
    {Kind::kPersistentVolume, "", "v1", "persistentvolumes", false},
    {Kind::kPersistentVolumeClaim, "", "v1", "persistentvolumeclaims", true},
    {Kind::kStorageClass, "storage.k8s.io", "v1", "storageclasses", false},
    {Kind::kCsiNode, "storage.k8s.io", "v1", "csinodes", false},
    {Kind::kCsiDriver, "storage.k8s.io", "v1", "csidrivers", false},
    {Kind::kCsiStorageCapacity, "storage.k8s.io", "v1", "csistoragecapacities", true},
    {Kind::kVolumeAttachment, "storage.k8s.io", "v1", "volumeattachments", false},
    {Kind::kPriorityClass, "scheduling.k8s.io", "v1", "priorityclasses", false},
    {Kind::kService, "", "v1", "services", true},
    {Kind::kReplicationController, "", "v1", "replicationcontrollers", true},
    {Kind::kReplicaSet, "apps", "v1", "replicasets", true},
    {Kind::kStatefulSet, "apps", "v1", "statefulsets", true},
    {Kind::kLease, "coordination.k8s.io", "v1", "leases", true},
    {Kind::kEvent, "events.k8s.io", "v1", "events", true},
}};

// Appends "key=value" to a target, percent-encoded, unless the value is empty.
void AppendParameter(std::string& target, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  const char separator = target.find('?') == std::string::npos ? '?' : '&';
  absl::StrAppend(&target, std::string(1, separator), ToAbsl(key), "=", net::PercentEncode(value));
}

void AppendSelectors(std::string& target, const Selection& selection) {
  AppendParameter(target, "labelSelector", selection.label_selector);
  AppendParameter(target, "fieldSelector", selection.field_selector);
}

}  // namespace

std::string Resource::ApiVersion() const {
  return group.empty() ? std::string(version) : absl::StrCat(ToAbsl(group), "/", ToAbsl(version));
}

const Resource& ResourceOf(Kind kind) {
  for (const Resource& resource : kResources) {
    if (resource.kind == kind) return resource;
  }
  HS_CHECK(false, "a kind is missing in the table of resources");
}

std::string CollectionTarget(Kind kind, std::string_view namespace_) {
  const Resource& resource = ResourceOf(kind);
  std::string target =
      absl::StrCat(resource.group.empty() ? "/api/" : "/apis/", resource.ApiVersion());
  if (resource.namespaced && !namespace_.empty()) {
    absl::StrAppend(&target, "/namespaces/", net::PercentEncode(namespace_));
  }
  absl::StrAppend(&target, "/", ToAbsl(resource.plural));
  return target;
}

std::string ObjectTarget(Kind kind, std::string_view namespace_, std::string_view name,
                         std::string_view subresource) {
  std::string target =
      absl::StrCat(CollectionTarget(kind, namespace_), "/", net::PercentEncode(name));
  if (!subresource.empty()) absl::StrAppend(&target, "/", ToAbsl(subresource));
  return target;
}

std::string ListTarget(const ListQuery& query) {
  std::string target = CollectionTarget(query.selection.kind, query.selection.namespace_);
  AppendSelectors(target, query.selection);
  if (query.limit > 0) AppendParameter(target, "limit", std::to_string(query.limit));
  AppendParameter(target, "continue", query.continue_token);
  return target;
}

std::string WatchTarget(const WatchQuery& query) {
  std::string target = CollectionTarget(query.selection.kind, query.selection.namespace_);
  AppendParameter(target, "watch", "true");
  AppendParameter(target, "allowWatchBookmarks", "true");
  AppendSelectors(target, query.selection);
  AppendParameter(target, "resourceVersion", query.resource_version);
  const std::int64_t seconds = absl::ToInt64Seconds(query.timeout);
  if (seconds > 0) AppendParameter(target, "timeoutSeconds", std::to_string(seconds));
  return target;
}

}  // namespace heat_scheduler::kube
