// The objects besides nodes and pods that plugins read: namespaces, what selects pods, budgets,
// volumes.
//
// Kept by key ("namespace/name", or the name alone for cluster-scoped kinds), in key order, so that
// walking them is deterministic; found by a hash of the key. Thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"
#include "kube/codec.h"
#include "kube/objects.h"
#include "scheduler/state/inputs.h"
#include "scheduler/state/object_index.h"
#include "scheduler/state/selector_keys.h"

namespace heat_scheduler {

class ClusterObjects {
 public:
  // All objects of one kind, by key.
  template <typename T>
  using Map = std::map<std::string, kube::Ref<T>, std::less<>>;

  // Returns the objects of a kind that is kept here.
  template <typename T>
  const Map<T>& all() const {
    return std::get<Map<T>>(maps_);
  }

  // Returns the object of that key, or null.
  template <typename T>
  const T* Find(std::string_view key) const {
    const Index<T>& index = std::get<Index<T>>(indices_);
    const auto found = index.find(key);
    return found == index.end() ? nullptr : found->second;
  }

  // Rises when an object of a kind that is kept here is added, changed or removed.
  template <typename T>
  std::uint64_t version() const {
    return std::get<Version<T>>(versions_).number;
  }

  // Returns the persistent volumes of a storage class ("": of none), by name.
  const ObjectIndex<kube::PersistentVolume>::Objects& VolumesOfClass(
      std::string_view storage_class) const {
    return volumes_by_class_.Of(storage_class);
  }

  // Returns what is attached to a node, or is to be, by name.
  const ObjectIndex<kube::VolumeAttachment>::Objects& AttachmentsOn(std::string_view node) const {
    return attachments_by_node_.Of(node);
  }

  // Returns the keys of pod labels that Services and workload objects select by.
  const SelectorKeys& selector_keys() const { return selector_keys_; }

  // Adds or replaces an object, or removes it; returns which inputs changed with it: none if it
  // says the same to scheduling as before, or is of a kind that is not kept here (nodes and pods
  // among them).
  Inputs Upsert(const kube::Object& object);
  Inputs Remove(const kube::Object& object);

  // Returns the object of that kind and key that is kept here, or nothing.
  std::optional<kube::Object> Current(const kube::Object& like) const;

  // Returns all objects, kind by kind, in key order.
  std::vector<kube::Object> Everything() const;

  // Calls visit(object) for each object of one kind in one namespace, in name order.
  template <typename T, typename Visit>
  void ForEachIn(std::string_view namespace_, Visit visit) const {
    const std::string prefix = std::string(namespace_) + "/";
    const Map<T>& map = all<T>();
    for (auto at = map.lower_bound(prefix); at != map.end() && at->first.starts_with(prefix);
         ++at) {
      visit(*at->second);
    }
  }

 private:
  // Keeps the indices: `before` goes and `now` comes, where they are not null.
  template <typename T>
  void Reindex(const kube::Ref<T>& before, const kube::Ref<T>& now);

  // By the keys of the map.
  template <typename T>
  using Index = absl::flat_hash_map<std::string_view, const T*, StringHash, StringEqual>;
  template <typename T>
  struct Version {
    std::uint64_t number = 0;
  };
  template <template <typename> typename Of>
  using ByKind =
      std::tuple<Of<kube::Namespace>, Of<kube::Service>, Of<kube::ReplicationController>,
                 Of<kube::ReplicaSet>, Of<kube::StatefulSet>, Of<kube::PodDisruptionBudget>,
                 Of<kube::PersistentVolume>, Of<kube::PersistentVolumeClaim>,
                 Of<kube::StorageClass>, Of<kube::CsiNode>, Of<kube::CsiDriver>,
                 Of<kube::CsiStorageCapacity>, Of<kube::VolumeAttachment>>;

  ByKind<Map> maps_;
  ByKind<Index> indices_;
  ByKind<Version> versions_;
  ObjectIndex<kube::PersistentVolume> volumes_by_class_;
  ObjectIndex<kube::VolumeAttachment> attachments_by_node_;
  SelectorKeys selector_keys_;
};

}  // namespace heat_scheduler
