#include "plugins/defaults/volumes/pod_volumes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "kube/selectors.h"
#include "kube/storage.h"
#include "plugins/defaults/volumes/csi_migration.h"

namespace heat_scheduler {
namespace {

using kube::PersistentVolume;
using kube::PersistentVolumeClaim;

BoundClaim BoundTo(const ClusterObjects& objects, const PersistentVolumeClaim& claim) {
  BoundClaim bound;
  bound.volume = objects.Find<PersistentVolume>(claim.volume_name);
  if (bound.volume != nullptr && bound.volume->in_tree_disk) {
    bound.migrated_affinity = CsiNodeAffinityOf(*bound.volume);
  }
  return bound;
}

// Returns true if the volume offers every mode that the claim asks for.
bool HasModes(const PersistentVolume& volume, const PersistentVolumeClaim& claim) {
  const auto& offered = volume.access_modes;
  return std::all_of(claim.access_modes.begin(), claim.access_modes.end(),
                     [&](const std::string& mode) {
                       return std::find(offered.begin(), offered.end(), mode) != offered.end();
                     });
}

// What must hold of every volume, be it set aside for the claim or not.
bool CouldHold(const PersistentVolume& volume, const PersistentVolumeClaim& claim) {
  return kube::StorageCapacityOf(volume) >= kube::StorageRequestOf(claim) &&
         volume.volume_mode == claim.volume_mode &&
         volume.volume_attributes_class_name == claim.volume_attributes_class_name &&
         !volume.metadata.deletion_timestamp;
}

// Gathers the volumes of the claim's class that would do.
void AddCandidates(const ClusterObjects& objects, const AssumedVolumes& assumed,
                   DelayedClaim& delayed) {
  const PersistentVolumeClaim& claim = *delayed.claim;
  for (const auto& [name, volume] : objects.VolumesOfClass(kube::StorageClassOf(claim))) {
    if (!CouldHold(*volume, claim)) continue;
    const ClaimReference reference = assumed.ClaimOf(*volume);
    if (RefersTo(reference, claim)) {
      delayed.set_aside.push_back(volume.get());
    } else if (reference.name.empty() && volume->phase == "Available" &&
               (!claim.selector || kube::Matches(*claim.selector, volume->metadata.labels)) &&
               HasModes(*volume, claim)) {
      delayed.candidates.push_back(volume.get());
    }
  }
  std::stable_sort(delayed.candidates.begin(), delayed.candidates.end(),
                   [](const PersistentVolume* a, const PersistentVolume* b) {
                     return kube::StorageCapacityOf(*a) < kube::StorageCapacityOf(*b);
                   });
}

bool IsEnough(const kube::CsiStorageCapacity& capacity, const kube::Quantity& request) {
  const auto& limit =
      capacity.maximum_volume_size ? capacity.maximum_volume_size : capacity.capacity;
  return limit && limit->Value() >= request.Value();
}

// Gathers where a volume could be provisioned.
void AddProvisioning(const ClusterObjects& objects, const kube::StorageClass& storage_class,
                     DelayedClaim& delayed) {
  const std::string& provisioner = storage_class.provisioner;
  delayed.can_provision = !provisioner.empty() && provisioner != kube::kNoProvisioner;
  for (const auto& requirements : storage_class.allowed_topologies) {
    delayed.allowed_topologies.push_back({requirements, {}});
  }
  const auto* driver = objects.Find<kube::CsiDriver>(provisioner);
  const bool has_request = delayed.claim->requests.contains("storage");
  if (driver == nullptr || !driver->storage_capacity || !has_request) return;
  delayed.enough_at.emplace();
  const kube::Quantity request = kube::StorageRequestOf(*delayed.claim);
  for (const auto& [key, capacity] : objects.all<kube::CsiStorageCapacity>()) {
    if (capacity->storage_class_name == storage_class.metadata.name && capacity->node_topology &&
        IsEnough(*capacity, request)) {
      delayed.enough_at->push_back(&*capacity->node_topology);
    }
  }
}

// Returns the claim's class if it lets volumes wait for the first pod, or null.
absl::StatusOr<const kube::StorageClass*> WaitingClassOf(const ClusterObjects& objects,
                                                         const PersistentVolumeClaim& claim) {
  const std::string& name = kube::StorageClassOf(claim);
  const auto* storage_class = objects.Find<kube::StorageClass>(name);
  if (storage_class == nullptr) return nullptr;
  using enum kube::StorageClass::BindingMode;
  if (storage_class->binding_mode == kUnset) {
    return absl::FailedPreconditionError(
        absl::StrCat("VolumeBindingMode not set for StorageClass ", Quoted(name)));
  }
  return storage_class->binding_mode == kWaitForFirstConsumer ? storage_class : nullptr;
}

bool Admits(const std::optional<kube::NodeSelector>& affinity, const kube::Node& node) {
  // By labels alone: the node's name is not told.
  return !affinity || kube::Matches(*affinity, node.metadata.labels, "");
}

// Returns which conflict the bound claims have; of several the first.
absl::StatusOr<std::uint64_t> CheckBound(const std::vector<BoundClaim>& claims,
                                         const kube::Node& node, const kube::CsiNode* csi_node) {
  for (const BoundClaim& bound : claims) {
    if (bound.volume == nullptr) return kVolumeNotExists;
    const bool migrated =
        bound.migrated_affinity && IsMigratedOn(csi_node, bound.volume->in_tree_disk->plugin);
    if (migrated && !bound.migrated_affinity->ok()) {
      return Annotate(bound.migrated_affinity->status(), "could not translate pv");
    }
    if (!Admits(migrated ? **bound.migrated_affinity : bound.volume->node_affinity, node)) {
      return kNodeConflict;
    }
  }
  return 0;
}

// Returns the volume that the claim gets on the node, or null.
const PersistentVolume* MatchingVolume(const DelayedClaim& delayed, const kube::Node& node,
                                       const std::vector<PodVolumes::Binding>& taken) {
  const auto is_free = [&](const PersistentVolume* volume) {
    return std::none_of(taken.begin(), taken.end(),
                        [&](const auto& binding) { return binding.volume == volume; });
  };
  // A claim with a volume set aside takes that or none.
  for (const PersistentVolume* volume : delayed.set_aside) {
    if (is_free(volume)) return Admits(volume->node_affinity, node) ? volume : nullptr;
  }
  for (const PersistentVolume* volume : delayed.candidates) {
    if (is_free(volume) && Admits(volume->node_affinity, node)) return volume;
  }
  return nullptr;
}

// Returns why no volume can be provisioned for the claim on the node, or 0.
std::uint64_t CheckProvisioning(const DelayedClaim& delayed, const kube::Node& node) {
  if (!delayed.can_provision) return kNothingToBind;
  const auto& terms = delayed.allowed_topologies;
  if (!terms.empty() &&
      std::none_of(terms.begin(), terms.end(), [&](const kube::NodeSelectorTerm& term) {
        return kube::Matches(term, node.metadata.labels, "");
      })) {
    return kNothingToBind;
  }
  if (delayed.enough_at && std::none_of(delayed.enough_at->begin(), delayed.enough_at->end(),
                                        [&](const kube::LabelSelector* topology) {
                                          return kube::Matches(*topology, node.metadata.labels);
                                        })) {
    return kNotEnoughSpace;
  }
  return 0;
}

}  // namespace

absl::StatusOr<PodClaims> GatherClaims(const ClusterObjects& objects, const AssumedVolumes& assumed,
                                       const PodFacts& pod) {
  PodClaims claims;
  for (const PodClaim& used : pod.claims) {
    const auto& claim =
        *objects.Find<PersistentVolumeClaim>(absl::StrCat(pod.namespace_, "/", used.claim_name));
    if (kube::IsFullyBound(claim)) {
      claims.bound.push_back(BoundTo(objects, claim));
      continue;
    }
    ASSIGN_OR_RETURN(const kube::StorageClass* storage_class, WaitingClassOf(objects, claim));
    // A claim that names its volume is bound by others, before the pod is placed.
    if (storage_class == nullptr || !claim.volume_name.empty()) {
      claims.immediate_unbound = true;
      continue;
    }
    DelayedClaim delayed;
    delayed.claim = &claim;
    AddProvisioning(objects, *storage_class, delayed);
    if (const std::string* node = assumed.SelectedNodeOf(claim)) {
      delayed.selected_node = *node;
      claims.selected.push_back(std::move(delayed));
    } else {
      AddCandidates(objects, assumed, delayed);
      claims.to_match.push_back(std::move(delayed));
    }
  }
  std::stable_sort(claims.to_match.begin(), claims.to_match.end(),
                   [](const DelayedClaim& a, const DelayedClaim& b) {
                     return kube::StorageRequestOf(*a.claim) < kube::StorageRequestOf(*b.claim);
                   });
  return claims;
}

bool AreSatisfiedEverywhere(const PodClaims& claims) {
  return claims.selected.empty() &&
         std::all_of(claims.bound.begin(), claims.bound.end(),
                     [](const BoundClaim& bound) {
                       return bound.volume != nullptr && !bound.migrated_affinity &&
                              !bound.volume->node_affinity;
                     }) &&
         std::all_of(claims.to_match.begin(), claims.to_match.end(),
                     [](const DelayedClaim& delayed) {
                       return delayed.can_provision && delayed.allowed_topologies.empty() &&
                              !delayed.enough_at;
                     });
}

absl::StatusOr<bool> IsReachable(const PersistentVolume& volume, const kube::Node& node,
                                 const kube::CsiNode* csi_node) {
  if (!volume.in_tree_disk || !IsMigratedOn(csi_node, volume.in_tree_disk->plugin)) {
    return Admits(volume.node_affinity, node);
  }
  const auto affinity = CsiNodeAffinityOf(volume);
  if (!affinity.ok()) return Annotate(affinity.status(), "failed to translate pv to csi");
  return Admits(*affinity, node);
}

absl::StatusOr<PodVolumes> FindVolumes(const PodClaims& claims, const kube::Node& node,
                                       const kube::CsiNode* csi_node) {
  PodVolumes found;
  ASSIGN_OR_RETURN(found.conflicts, CheckBound(claims.bound, node, csi_node));
  std::vector<const DelayedClaim*> to_provision;
  for (const DelayedClaim& delayed : claims.selected) {
    if (delayed.selected_node != node.metadata.name) {
      found.conflicts |= kNothingToBind;
      return found;
    }
    to_provision.push_back(&delayed);
  }
  for (const DelayedClaim& delayed : claims.to_match) {
    if (const PersistentVolume* volume = MatchingVolume(delayed, node, found.bindings)) {
      found.bindings.push_back({delayed.claim, volume});
    } else {
      to_provision.push_back(&delayed);
    }
  }
  for (const DelayedClaim* delayed : to_provision) {
    if (const std::uint64_t conflict = CheckProvisioning(*delayed, node); conflict != 0) {
      found.conflicts |= conflict;
      return found;
    }
    found.to_provision.push_back(delayed->claim);
  }
  return found;
}

}  // namespace heat_scheduler
