// Which volumes a pod's claims get on a node: those that they have, those that could be bound to
// them, or new ones that are to be provisioned there.
//
// PodClaims is what can be told without a node, gathered once a cycle; FindVolumes adds the node. A
// claim that waits for its first pod gets the volume that is set aside for it, else the smallest
// that is large enough, of its class and mode, available, selected by the claim and reachable from
// the node (of equals the one with the smallest name); claims choose in the order of their sizes.
// Where none is left, one is provisioned, if the class does that, its allowedTopologies allow the
// node, and a driver that tracks its capacity has enough there. Pure functions.
// Source: pkg/scheduler/framework/plugins/volumebinding/binder.go (v1.36),
// k8s.io/component-helpers storage/volume (FindMatchingVolume, v0.36).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kube/objects.h"
#include "scheduler/state/assumed_volumes.h"
#include "scheduler/state/cluster_objects.h"
#include "scheduler/state/pod_class.h"

namespace heat_scheduler {

// A claim that is bound, and its volume.
struct BoundClaim {
  const kube::PersistentVolume* volume = nullptr;  // Null: it does not exist.
  // Its node affinity where its in-tree plugin is migrated; empty for other volumes.
  std::optional<absl::StatusOr<std::optional<kube::NodeSelector>>> migrated_affinity;
};

// A claim that waits for its first pod.
struct DelayedClaim {
  const kube::PersistentVolumeClaim* claim = nullptr;
  std::optional<std::string> selected_node;
  // Volumes that would do, were it not for the node: those set aside for the claim, by name, then
  // the others by size and name.
  std::vector<const kube::PersistentVolume*> set_aside;
  std::vector<const kube::PersistentVolume*> candidates;
  bool can_provision = false;
  std::vector<kube::NodeSelectorTerm> allowed_topologies;  // None: everywhere.
  // Set if the driver tracks its capacity: from where there is enough for the claim.
  std::optional<std::vector<const kube::LabelSelector*>> enough_at;
};

// A pod's claims. Borrows from the cluster's objects.
struct PodClaims {
  std::vector<BoundClaim> bound;
  std::vector<DelayedClaim> selected;  // With a node chosen before, in the order of the pod.
  std::vector<DelayedClaim> to_match;  // The others, by size.
  bool immediate_unbound = false;      // One is to be bound before any pod is placed.
};

// Sorts the claims of the pod, all of which exist. FailedPrecondition: a StorageClass does not say
// when its volumes are bound.
absl::StatusOr<PodClaims> GatherClaims(const ClusterObjects& objects, const AssumedVolumes& assumed,
                                       const PodFacts& pod);

// Why a node does not do; several may hold.
enum VolumeConflict : std::uint64_t {
  kNodeConflict = 1,     // A bound volume cannot be reached from there.
  kNothingToBind = 2,    // A claim finds no volume, and none can be provisioned.
  kNotEnoughSpace = 4,   // None can be provisioned for lack of space.
  kVolumeNotExists = 8,  // A claim is bound to a volume that does not exist.
};

// What the claims of a pod get on one node.
struct PodVolumes {
  struct Binding {
    const kube::PersistentVolumeClaim* claim;
    const kube::PersistentVolume* volume;
  };
  std::uint64_t conflicts = 0;  // Of VolumeConflict; none: the node does.
  std::vector<Binding> bindings;
  std::vector<const kube::PersistentVolumeClaim*> to_provision;
};

// Returns true if FindVolumes finds no conflict on any node: whatever has a volume reaches it from
// everywhere, and for whatever has none one can be provisioned anywhere. May return false where it
// would take a look at the nodes to tell.
bool AreSatisfiedEverywhere(const PodClaims& claims);

// Returns true if the volume can be reached from the node, by the labels of that; `csi_node` is its
// CSINode, or null. InvalidArgument: the volume, of a migrated plugin, cannot be translated.
absl::StatusOr<bool> IsReachable(const kube::PersistentVolume& volume, const kube::Node& node,
                                 const kube::CsiNode* csi_node);

// Looks at one node. InvalidArgument: a volume of a migrated plugin cannot be translated.
absl::StatusOr<PodVolumes> FindVolumes(const PodClaims& claims, const kube::Node& node,
                                       const kube::CsiNode* csi_node);

}  // namespace heat_scheduler
