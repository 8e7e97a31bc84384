#include <variant>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "kube/codec.h"
#include "kube/objects.h"

namespace heat_scheduler::kube {

std::string KeyOf(const ObjectMeta& metadata) {
  if (metadata.namespace_.empty()) return metadata.name;
  return absl::StrCat(metadata.namespace_, "/", metadata.name);
}

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kPod:
      return "Pod";
    case Kind::kNode:
      return "Node";
    case Kind::kNamespace:
      return "Namespace";
    case Kind::kPodDisruptionBudget:
      return "PodDisruptionBudget";
    case Kind::kPersistentVolume:
      return "PersistentVolume";
    case Kind::kPersistentVolumeClaim:
      return "PersistentVolumeClaim";
    case Kind::kStorageClass:
      return "StorageClass";
    case Kind::kCsiNode:
      return "CSINode";
    case Kind::kCsiDriver:
      return "CSIDriver";
    case Kind::kCsiStorageCapacity:
      return "CSIStorageCapacity";
    case Kind::kVolumeAttachment:
      return "VolumeAttachment";
    case Kind::kPriorityClass:
      return "PriorityClass";
    case Kind::kService:
      return "Service";
    case Kind::kReplicationController:
      return "ReplicationController";
    case Kind::kReplicaSet:
      return "ReplicaSet";
    case Kind::kStatefulSet:
      return "StatefulSet";
    case Kind::kLease:
      return "Lease";
    case Kind::kEvent:
      return "Event";
  }
  HS_CHECK(false, "a kind outside its enumeration");
}

const ObjectMeta& MetadataOf(const Object& object) {
  return std::visit([](const auto& ref) -> const ObjectMeta& { return ref->metadata; }, object);
}

}  // namespace heat_scheduler::kube
