#include "plugins/defaults/volumes/attachable_volumes.h"

#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"
#include "kube/storage.h"
#include "plugins/defaults/volumes/csi_migration.h"
#include "plugins/defaults/volumes/ephemeral_claims.h"

namespace heat_scheduler {
namespace {

struct CsiVolume {
  std::string driver;
  std::string handle;
};

// The volume that will be made for a claim: none yet has such a handle.
std::optional<CsiVolume> VolumeToCome(const ClusterObjects& objects,
                                      const kube::PersistentVolumeClaim& claim,
                                      const kube::CsiNode* csi_node) {
  const auto* storage_class = objects.Find<kube::StorageClass>(kube::StorageClassOf(claim));
  if (storage_class == nullptr) return std::nullopt;
  const std::string& provisioner = storage_class->provisioner;
  if (IsInTreeProvisioner(provisioner) && csi_node == nullptr) return std::nullopt;
  return CsiVolume{std::string(CsiDriverOfProvisioner(provisioner)),
                   absl::StrCat("\nto come/", kube::KeyOf(claim.metadata))};
}

std::optional<CsiVolume> VolumeOf(const ClusterObjects& objects,
                                  const kube::PersistentVolumeClaim& claim,
                                  const kube::CsiNode* csi_node) {
  const auto* volume = objects.Find<kube::PersistentVolume>(claim.volume_name);
  if (volume == nullptr) return VolumeToCome(objects, claim, csi_node);
  if (!volume->in_tree_disk) return CsiVolume{volume->csi_driver, volume->csi_volume_handle};
  if (csi_node == nullptr) return std::nullopt;
  absl::StatusOr<std::string> handle = CsiHandleOf(*volume);
  if (!handle.ok()) return std::nullopt;
  return CsiVolume{std::string(CsiDriverOf(volume->in_tree_disk->plugin)), *std::move(handle)};
}

void Add(const CsiVolume& volume, AttachableVolumes& volumes) {
  if (volume.driver.empty() || volume.handle.empty()) return;
  volumes[UniqueVolumeName(volume.driver, volume.handle)] = volume.driver;
}

absl::Status AddClaim(const ClusterObjects& objects, const PodRecord& pod, const PodClaim& used,
                      PodStands stands, const kube::CsiNode* csi_node, AttachableVolumes& volumes) {
  const std::string key = absl::StrCat(pod.facts.namespace_, "/", used.claim_name);
  const auto* claim = objects.Find<kube::PersistentVolumeClaim>(key);
  if (claim == nullptr) {
    if (stands == PodStands::kOnNode) return absl::OkStatus();
    return absl::NotFoundError(absl::StrCat("looking up PVC ", key, ": persistentvolumeclaim ",
                                            Quoted(used.claim_name), " not found"));
  }
  if (used.ephemeral && !kube::IsControlledBy(*claim, *pod.pod)) {
    return absl::InvalidArgumentError(NotOwnerMessage(*claim, *pod.pod));
  }
  if (const auto volume = VolumeOf(objects, *claim, csi_node)) Add(*volume, volumes);
  return absl::OkStatus();
}

absl::Status AddDisk(const kube::Volume& volume, AttachableVolumes& volumes) {
  const absl::StatusOr<std::string> handle = CsiHandleOf(*volume.in_tree_disk);
  if (!handle.ok()) {
    return Annotate(handle.status(),
                    absl::StrCat("converting volume(", volume.name, ") from inline to csi"));
  }
  const std::string_view driver = CsiDriverOf(volume.in_tree_disk->plugin);
  volumes[UniqueVolumeName(driver, *handle)] = std::string(driver);
  return absl::OkStatus();
}

}  // namespace

std::string UniqueVolumeName(std::string_view driver, std::string_view handle) {
  return absl::StrCat(ToAbsl(driver), "/", ToAbsl(handle));
}

absl::Status AddAttachableVolumes(const ClusterObjects& objects, const PodRecord& pod,
                                  PodStands stands, const kube::CsiNode* csi_node,
                                  AttachableVolumes& volumes) {
  if (pod.facts.claims.empty() && pod.pod_class->disks.empty()) return absl::OkStatus();
  auto used = pod.facts.claims.begin();
  // Claims are in the order of the volumes.
  for (const kube::Volume& volume : pod.pod->spec->volumes) {
    if (used != pod.facts.claims.end() && used->volume_name == volume.name) {
      RETURN_IF_ERROR(AddClaim(objects, pod, *used, stands, csi_node, volumes));
      ++used;
    } else if (volume.in_tree_disk && csi_node != nullptr) {
      RETURN_IF_ERROR(AddDisk(volume, volumes));
    }
  }
  return absl::OkStatus();
}

}  // namespace heat_scheduler
