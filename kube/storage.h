// Reads claims and persistent volumes as Kubernetes' own storage helpers do. Pure functions.
// Source: k8s.io/component-helpers storage/volume and storage/ephemeral (v0.36).
#pragma once

#include <string>
#include <string_view>

#include "kube/objects.h"

namespace heat_scheduler::kube {

// On claims: the node on which a volume is to be provisioned, as chosen by a scheduler.
inline constexpr std::string_view kSelectedNodeAnnotation = "volume.kubernetes.io/selected-node";
// On claims: both sides of the binding are written.
inline constexpr std::string_view kBindCompletedAnnotation = "pv.kubernetes.io/bind-completed";
// On volumes and claims: the binding was not written by the user.
inline constexpr std::string_view kBoundByControllerAnnotation =
    "pv.kubernetes.io/bound-by-controller";
// The provisioner of storage classes whose volumes are made by hand.
inline constexpr std::string_view kNoProvisioner = "kubernetes.io/no-provisioner";

// Returns the storage class of a claim or a volume: the old beta annotation has precedence over the
// field; empty: none.
const std::string& StorageClassOf(const PersistentVolumeClaim& claim);
const std::string& StorageClassOf(const PersistentVolume& volume);

// Returns true if claim and volume are bound to each other for good.
bool IsFullyBound(const PersistentVolumeClaim& claim);

// Returns true if the pod is the controller of the claim, as it is of the claims of its ephemeral
// volumes.
bool IsControlledBy(const PersistentVolumeClaim& claim, const Pod& pod);

// Returns what a claim requests of storage; zero if nothing.
Quantity StorageRequestOf(const PersistentVolumeClaim& claim);

// Returns the storage capacity of a volume; zero if it states none.
Quantity StorageCapacityOf(const PersistentVolume& volume);

}  // namespace heat_scheduler::kube
