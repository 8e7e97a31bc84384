#include "scheduler/state/cluster_objects.h"

#include <utility>
#include <variant>

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
constexpr Inputs InputsOf(const void*) { return {}; }

// Returns true if the new form says the same to scheduling as the old one. Workloads change their
// status all the time.
bool SaysTheSame(const kube::Namespace& before, const kube::Namespace& after) {
  return before.metadata.labels == after.metadata.labels;
}
bool SaysTheSame(const kube::SelectingOwner& before, const kube::SelectingOwner& after) {
  return before.selector == after.selector;
}
template <typename T>
requires(!std::is_base_of_v<kube::SelectingOwner, T>) bool SaysTheSame(const T& /*before*/,
                                                                       const T& /*after*/) {
  return false;
}

template <typename T>
constexpr bool kIsKept = !InputsOf(static_cast<const T*>(nullptr)).empty();

}  // namespace

Inputs ClusterObjects::Upsert(const kube::Object& object) {
  return std::visit(
      [this]<typename T>(const kube::Ref<T>& ref) -> Inputs {
        if constexpr (kIsKept<T>) {
          kube::Ref<T>& slot = std::get<Map<T>>(maps_)[kube::KeyOf(ref->metadata)];
          const kube::Ref<T> before = std::exchange(slot, ref);
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
          if (std::get<Map<T>>(maps_).erase(kube::KeyOf(ref->metadata)) == 0) return {};
        }
        return InputsOf(ref.get());
      },
      object);
}

}  // namespace heat_scheduler
