#include "cluster/storage_defaults.h"

#include <nlohmann/json.hpp>

namespace heat_scheduler::cluster {

void DefaultStorage(const ResourceInfo& resource, Json& object) {
  if (&resource == &StorageClassResource()) {
    SetDefault(object, "reclaimPolicy", "Delete");
    SetDefault(object, "volumeBindingMode", "Immediate");
  } else if (&resource == &PersistentVolumeResource()) {
    Json& spec = EnsureObject(object, "spec");
    SetDefault(spec, "persistentVolumeReclaimPolicy", "Retain");
    SetDefault(spec, "volumeMode", "Filesystem");
  } else if (&resource == &PersistentVolumeClaimResource()) {
    SetDefault(EnsureObject(object, "spec"), "volumeMode", "Filesystem");
  }
}

}  // namespace heat_scheduler::cluster
