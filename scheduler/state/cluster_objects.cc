#include "scheduler/state/cluster_objects.h"

#include <type_traits>
#include <utility>
#include <variant>

#include "kube/storage.h"

namespace heat_scheduler {
namespace {

// What changes with an object of each kind; nothing for kinds that are not kept.
constexpr Inputs InputsOf(const kube::Namespace*) { return {Input::kNamespaceLabels}; }
constexpr Inputs InputsOf(const kube::SelectingOwner*) { return {Input::kSelectingOwners}; }
constexpr Inputs InputsOf(const kube::PodDisruptionBudget*) { return {Input::kClusterWide}; }
constexpr Inputs InputsOf(const kube::PersistentVolume*) { return {Input::kVolumes}; }
constexpr Inputs InputsOf(const kube::PersistentVolumeClaim*) { return {Input::kVolumes}; }
constexpr Inputs InputsOf(const kube::StorageClass*) { return {Input::kVolumes}; }
constexpr Inputs InputsOf(const kube::CsiNode*) { return {Input::kVolumes}; }
constexpr Inputs InputsOf(const kube::CsiDriver*) { return {Input::kVolumes}; }
constexpr Inputs InputsOf(const kube::CsiStorageCapacity*) { return {Input::kVolumes}; }
constexpr Inputs InputsOf(const kube::VolumeAttachment*) { return {Input::kVolumes}; }
constexpr Inputs InputsOf(const void*) { return {}; }

// Returns true if the new form says the same to scheduling as the old one. Workloads change their
// status all the time.
bool SaysTheSame(const kube::Namespace& before, const kube::Namespace& after) {
  return before.metadata.labels == after.metadata.labels;
}
bool SaysTheSame(const kube::SelectingOwner& before, const kube::SelectingOwner& after) {
  return before.selector == after.selector;
}
// What drivers report again and again.
bool SaysTheSame(const kube::CsiNode& before, const kube::CsiNode& after) {
  return before.drivers == after.drivers &&
         before.metadata.annotations == after.metadata.annotations;
}
bool SaysTheSame(const kube::CsiStorageCapacity& before, const kube::CsiStorageCapacity& after) {
  return before.storage_class_name == after.storage_class_name &&
         before.node_topology == after.node_topology && before.capacity == after.capacity &&
         before.maximum_volume_size == after.maximum_volume_size;
}
bool SaysTheSame(const kube::VolumeAttachment& before, const kube::VolumeAttachment& after) {
  return before.attacher == after.attacher && before.node_name == after.node_name &&
         before.persistent_volume_name == after.persistent_volume_name;
}
template <typename T>
requires(!std::is_base_of_v<kube::SelectingOwner, T>) bool SaysTheSame(const T& /*before*/,
                                                                       const T& /*after*/) {
  return false;
}

template <typename T>
constexpr bool kIsKept = !InputsOf(static_cast<const T*>(nullptr)).empty();

// Replaces `before` by `now` in an index, where they are not null.
template <typename T, typename Key>
void Replace(ObjectIndex<T>& index, Key key_of, const kube::Ref<T>& before,
             const kube::Ref<T>& now) {
  if (before != nullptr) index.Remove(key_of(*before), *before);
  if (now != nullptr) index.Add(key_of(*now), now);
}

const std::string& ClassOf(const kube::PersistentVolume& volume) {
  return kube::StorageClassOf(volume);
}
const std::string& NodeOf(const kube::VolumeAttachment& attachment) { return attachment.node_name; }

}  // namespace

template <typename T>
void ClusterObjects::Reindex(const kube::Ref<T>& before, const kube::Ref<T>& now) {
  if constexpr (std::is_same_v<T, kube::PersistentVolume>) {
    Replace(volumes_by_class_, ClassOf, before, now);
  } else if constexpr (std::is_same_v<T, kube::VolumeAttachment>) {
    Replace(attachments_by_node_, NodeOf, before, now);
  } else if constexpr (std::is_base_of_v<kube::SelectingOwner, T>) {
    if (now != nullptr && now->selector) selector_keys_.Add(*now->selector);
    if (before != nullptr && before->selector) selector_keys_.Remove(*before->selector);
  }
}

std::optional<kube::Object> ClusterObjects::Current(const kube::Object& like) const {
  return std::visit(
      [this]<typename T>(const kube::Ref<T>& ref) -> std::optional<kube::Object> {
        if constexpr (kIsKept<T>) {
          const auto found = all<T>().find(kube::KeyOf(ref->metadata));
          if (found != all<T>().end()) return found->second;
        }
        return std::nullopt;
      },
      like);
}

std::vector<kube::Object> ClusterObjects::Everything() const {
  std::vector<kube::Object> objects;
  std::apply(
      [&](const auto&... maps) {
        const auto add = [&](const auto& map) {
          for (const auto& [key, object] : map) objects.emplace_back(object);
        };
        (add(maps), ...);
      },
      maps_);
  return objects;
}

Inputs ClusterObjects::Upsert(const kube::Object& object) {
  return std::visit(
      [this]<typename T>(const kube::Ref<T>& ref) -> Inputs {
        if constexpr (kIsKept<T>) {
          auto& [key, slot] =
              *std::get<Map<T>>(maps_).try_emplace(kube::KeyOf(ref->metadata)).first;
          const kube::Ref<T> before = std::exchange(slot, ref);
          std::get<Index<T>>(indices_)[key] = ref.get();
          Reindex(before, ref);
          ++std::get<Version<T>>(versions_).number;
          if (before != nullptr && SaysTheSame(*before, *ref)) return {};
        }
        return InputsOf(ref.get());
      },
      object);
}

Inputs ClusterObjects::Remove(const kube::Object& object) {
  return std::visit(
      [this]<typename T>(const kube::Ref<T>& ref) -> Inputs {
        if constexpr (kIsKept<T>) {
          Map<T>& map = std::get<Map<T>>(maps_);
          const auto found = map.find(kube::KeyOf(ref->metadata));
          if (found == map.end()) return {};
          Reindex<T>(found->second, nullptr);
          std::get<Index<T>>(indices_).erase(found->first);
          map.erase(found);
          ++std::get<Version<T>>(versions_).number;
        }
        return InputsOf(ref.get());
      },
      object);
}

}  // namespace heat_scheduler
