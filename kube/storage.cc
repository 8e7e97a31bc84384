#include "kube/storage.h"

#include <algorithm>

namespace heat_scheduler::kube {
namespace {

constexpr std::string_view kBetaStorageClassAnnotation = "volume.beta.kubernetes.io/storage-class";
constexpr std::string_view kStorage = "storage";

Quantity AmountOf(const ResourceList& list) {
  const auto found = list.find(kStorage);
  return found == list.end() ? Quantity() : found->second;
}

}  // namespace

const std::string& StorageClassOf(const PersistentVolumeClaim& claim) {
  static const std::string& none = *new std::string();
  const auto annotation = claim.metadata.annotations.find(kBetaStorageClassAnnotation);
  if (annotation != claim.metadata.annotations.end()) return annotation->second;
  return claim.storage_class_name ? *claim.storage_class_name : none;
}

const std::string& StorageClassOf(const PersistentVolume& volume) {
  const auto annotation = volume.metadata.annotations.find(kBetaStorageClassAnnotation);
  if (annotation != volume.metadata.annotations.end()) return annotation->second;
  return volume.storage_class_name;
}

bool IsFullyBound(const PersistentVolumeClaim& claim) {
  return !claim.volume_name.empty() &&
         claim.metadata.annotations.contains(kBindCompletedAnnotation);
}

bool IsControlledBy(const PersistentVolumeClaim& claim, const Pod& pod) {
  const auto& owners = *claim.metadata.owner_references;
  const auto controller = std::find_if(
      owners.begin(), owners.end(), [](const OwnerReference& owner) { return owner.controller; });
  return controller != owners.end() && controller->uid == pod.metadata.uid &&
         claim.metadata.namespace_ == pod.metadata.namespace_;
}

Quantity StorageRequestOf(const PersistentVolumeClaim& claim) { return AmountOf(claim.requests); }

Quantity StorageCapacityOf(const PersistentVolume& volume) { return AmountOf(volume.capacity); }

}  // namespace heat_scheduler::kube
