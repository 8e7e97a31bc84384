// What became of the storage plugins that were part of Kubernetes: each has a CSI driver that took
// its place, and a disk of the plugin counts as a volume of the driver.
//
// Pure functions. Source: k8s.io/csi-translation-lib (v0.36): which plugins, the volume handles,
// the topology of translated volumes, and the texts of errors.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kube/objects.h"

namespace heat_scheduler {

// Returns the driver that took the plugin's place: "ebs.csi.aws.com".
std::string_view CsiDriverOf(kube::InTreeDisk::Plugin plugin);

// Returns the driver whose volumes a provisioner makes: the provisioner itself; the CSI driver for
// an in-tree plugin that is migrated; empty for one that is translated, but not migrated here.
std::string_view CsiDriverOfProvisioner(std::string_view provisioner);

// Returns true if the provisioner is that of an in-tree plugin with a CSI driver.
bool IsInTreeProvisioner(std::string_view provisioner);

// Returns true if the node says that this plugin's volumes are handled by CSI there (annotation
// storage.alpha.kubernetes.io/migrated-plugins). Null: it says nothing.
bool IsMigratedOn(const kube::CsiNode* csi_node, kube::InTreeDisk::Plugin plugin);

// Returns the CSI volume handle of a disk that a pod states itself.
absl::StatusOr<std::string> CsiHandleOf(const kube::InTreeDisk& disk);

// Returns the CSI volume handle of a volume with such a disk.
absl::StatusOr<std::string> CsiHandleOf(const kube::PersistentVolume& volume);

// Returns the node affinity of a volume with such a disk after its translation: in terms of the
// driver's topology key.
absl::StatusOr<std::optional<kube::NodeSelector>> CsiNodeAffinityOf(
    const kube::PersistentVolume& volume);

}  // namespace heat_scheduler
