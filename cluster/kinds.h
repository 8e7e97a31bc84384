// Which resources the embedded API serves: the one table that routing, discovery and storage read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace heat_scheduler::cluster {

// One resource of one API group and version. Rows live for the whole program; compare by address.
struct ResourceInfo {
  std::string_view group;  // Empty: the core group.
  std::string_view version;
  std::string_view plural;    // "pods"
  std::string_view singular;  // "pod"
  std::string_view kind;      // "Pod"
  std::vector<std::string_view> short_names;
  std::vector<std::string_view> categories;
  bool namespaced = true;
  bool has_status = false;      // Has the status subresource.
  bool has_scale = false;       // Has the scale subresource.
  bool has_generation = false;  // metadata.generation counts the changes of its spec.
  std::size_t storage = 0;      // Equal for resources that are views of the same objects.
};

// Every resource, in the order in which discovery lists them.
const std::vector<ResourceInfo>& Resources();

// Number of distinct `storage` values: they are 0 to this, exclusive.
std::size_t StorageCount();

// Returns the resource of a path, or nullptr.
const ResourceInfo* FindResource(std::string_view group, std::string_view version,
                                 std::string_view plural);

// Returns the resource of a document's apiVersion ("apps/v1") and kind, or nullptr.
const ResourceInfo* FindKind(std::string_view api_version, std::string_view kind);

// Returns the row in whose form the objects of `resource` are kept: itself, but for
// events.k8s.io/v1, which is a view of core/v1 events.
const ResourceInfo& StorageForm(const ResourceInfo& resource);

// Rows that the server itself needs. Never fails.
const ResourceInfo& PodResource();
const ResourceInfo& NodeResource();
const ResourceInfo& NamespaceResource();
const ResourceInfo& EventResource();
const ResourceInfo& PriorityClassResource();
const ResourceInfo& PodDisruptionBudgetResource();
const ResourceInfo& PersistentVolumeResource();
const ResourceInfo& PersistentVolumeClaimResource();
const ResourceInfo& StorageClassResource();

// Returns "v1" or "apps/v1".
std::string ApiVersionOf(const ResourceInfo& resource);

// Returns "pods" or "deployments.apps", as error messages name it.
std::string QualifiedName(const ResourceInfo& resource);

}  // namespace heat_scheduler::cluster
