#include "kube/object_bytes.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "kube/documents.h"

namespace heat_scheduler::kube {
namespace {

// What an allocation takes beside what was asked for.
constexpr std::size_t kAllocation = 16;

template <typename T>
std::size_t ArrayBytes(const std::vector<T>& items) {
  return items.empty() ? 0 : items.capacity() * sizeof(T) + kAllocation;
}

// Returns what falls to one of those that share something that takes so many bytes. One of them is
// as a rule whoever keeps it for others to share, and no object.
template <typename Shared>
std::size_t PartOf(const Shared& shared, std::size_t bytes) {
  if (shared.holders() == 0) return 0;
  return (bytes + kAllocation) / std::max<std::size_t>(1, shared.holders() - 1);
}

std::size_t MapBytes(const StringMap& map) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : map) {
    bytes += sizeof(key) + sizeof(value) + HeapBytesOf(key) + HeapBytesOf(value);
  }
  return PartOf(map, bytes);
}

std::size_t ListBytes(const ResourceList& list) {
  std::size_t bytes = 0;
  for (const auto& [name, amount] : list) {
    bytes += sizeof(name) + sizeof(amount) + HeapBytesOf(name);
  }
  return PartOf(list, bytes);
}

std::size_t MetadataBytes(const ObjectMeta& metadata) {
  std::size_t bytes = HeapBytesOf(metadata.name) + HeapBytesOf(metadata.namespace_) +
                      HeapBytesOf(metadata.uid) + HeapBytesOf(metadata.resource_version) +
                      MapBytes(metadata.labels) + MapBytes(metadata.annotations);
  std::size_t owners = ArrayBytes(*metadata.owner_references);
  for (const OwnerReference& owner : *metadata.owner_references) {
    owners += HeapBytesOf(owner.name) + HeapBytesOf(owner.uid);
  }
  return bytes + PartOf(metadata.owner_references, owners);
}

std::size_t ContainersBytes(const std::vector<Container>& containers) {
  std::size_t bytes = ArrayBytes(containers);
  for (const Container& container : containers) {
    bytes += HeapBytesOf(container.name) + HeapBytesOf(container.image) +
             ListBytes(container.requests) + ListBytes(container.limits) +
             ArrayBytes(container.ports);
  }
  return bytes;
}

std::size_t SpecBytes(const PodSpec& spec) {
  std::size_t bytes = sizeof(PodSpec) + HeapBytesOf(spec.scheduler_name) +
                      MapBytes(spec.node_selector) + ContainersBytes(spec.init_containers) +
                      ContainersBytes(spec.containers) + ListBytes(spec.overhead) +
                      ArrayBytes(spec.tolerations) + ArrayBytes(spec.volumes) +
                      ArrayBytes(spec.topology_spread_constraints);
  for (const Toleration& toleration : spec.tolerations) bytes += HeapBytesOf(toleration.key);
  for (const Volume& volume : spec.volumes) bytes += HeapBytesOf(volume.name);
  return bytes;
}

}  // namespace

std::size_t HeapBytesOf(const std::string& text) {
  static const std::size_t in_place = std::string().capacity();
  return text.capacity() <= in_place ? 0 : text.capacity() + kAllocation;
}

std::size_t BytesOf(const Pod& pod) {
  std::size_t conditions = ArrayBytes(*pod.status.conditions);
  for (const PodCondition& condition : *pod.status.conditions) {
    conditions += HeapBytesOf(condition.type) + HeapBytesOf(condition.message);
  }
  return sizeof(Pod) + kAllocation + MetadataBytes(pod.metadata) + HeapBytesOf(pod.node_name) +
         PartOf(pod.spec, SpecBytes(*pod.spec)) + PartOf(pod.status.conditions, conditions);
}

std::size_t BytesOf(const Node& node) {
  std::size_t bytes = sizeof(Node) + kAllocation + MetadataBytes(node.metadata) +
                      ArrayBytes(node.taints) + ListBytes(node.capacity) +
                      ListBytes(node.allocatable) + ArrayBytes(node.images) +
                      ArrayBytes(node.conditions) + ArrayBytes(node.declared_features);
  for (const Taint& taint : node.taints) bytes += HeapBytesOf(taint.key);
  for (const ContainerImage& image : node.images) {
    bytes += ArrayBytes(image.names);
    for (const std::string& name : image.names) bytes += HeapBytesOf(name);
  }
  for (const NodeCondition& condition : node.conditions) bytes += HeapBytesOf(condition.type);
  return bytes;
}

std::size_t BytesOf(const Object& object) {
  return std::visit(
      []<typename T>(const Ref<T>& ref) -> std::size_t {
        if constexpr (std::is_same_v<T, Pod> || std::is_same_v<T, Node>) {
          const std::string* const document = DocumentOf(ref);
          return BytesOf(*ref) + (document == nullptr ? 0 : HeapBytesOf(*document));
        } else {
          return sizeof(T) + kAllocation + MetadataBytes(ref->metadata);
        }
      },
      object);
}

}  // namespace heat_scheduler::kube
