// Builders of claims, persistent volumes and what belongs to them, for tests of the volume plugins.
//
// MakeClaim("data").Class("slow").BoundTo("pv") is a PersistentVolumeClaim in namespace "default"
// wherever an object of a cluster is wanted. Methods add to what is there unless they say
// otherwise.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "kube/codec.h"
#include "kube/objects.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

// Wraps an object as the cluster's state takes it.
template <typename T>
kube::Object ObjectOf(T object) {
  return kube::Ref<T>(std::make_shared<const T>(std::move(object)));
}

class ClaimBuilder {
 public:
  explicit ClaimBuilder(std::string_view name);

  ClaimBuilder& Class(std::string_view name);
  ClaimBuilder& Size(std::string_view quantity);  // Sets the request of storage.
  ClaimBuilder& Mode(std::string_view mode);
  // Binds it for good.
  ClaimBuilder& BoundTo(std::string_view volume);
  // Names the volume, without the binding being complete.
  ClaimBuilder& Volume(std::string_view volume);
  ClaimBuilder& Phase(std::string_view phase);
  ClaimBuilder& SelectedNode(std::string_view node);
  ClaimBuilder& Selector(kube::LabelSelector selector);
  ClaimBuilder& Deleting();
  // Makes the pod of that UID its controller.
  ClaimBuilder& OwnedBy(std::string_view pod_uid);
  ClaimBuilder& ResourceVersion(std::string_view version);

  operator kube::PersistentVolumeClaim() const { return claim_; }
  operator kube::Object() const { return ObjectOf(claim_); }

 private:
  kube::PersistentVolumeClaim claim_;
};

class VolumeBuilder {
 public:
  explicit VolumeBuilder(std::string_view name);

  VolumeBuilder& Class(std::string_view name);
  VolumeBuilder& Size(std::string_view quantity);  // Sets the capacity of storage.
  VolumeBuilder& Mode(std::string_view mode);
  VolumeBuilder& Phase(std::string_view phase);
  VolumeBuilder& VolumeMode(std::string_view mode);
  VolumeBuilder& Label(std::string_view key, std::string_view value);
  // Lets only nodes with one of these labels reach it.
  VolumeBuilder& ReachedFrom(std::string_view key, std::vector<std::string> values);
  VolumeBuilder& Csi(std::string_view driver, std::string_view handle);
  VolumeBuilder& InTree(kube::InTreeDisk::Plugin plugin, std::string_view id);
  // Sets it aside for a claim in namespace "default"; `uid` empty: of any UID.
  VolumeBuilder& For(std::string_view claim, std::string_view uid = "");
  VolumeBuilder& Deleting();
  VolumeBuilder& ResourceVersion(std::string_view version);

  operator kube::PersistentVolume() const { return volume_; }
  operator kube::Object() const { return ObjectOf(volume_); }

 private:
  kube::PersistentVolume volume_;
};

// Starts an unbound claim of 1Gi, ReadWriteOnce, with the UID "<name>-uid".
ClaimBuilder MakeClaim(std::string_view name);

// Starts an available volume of 1Gi, ReadWriteOnce.
VolumeBuilder MakeVolume(std::string_view name);

// Returns a class whose volumes wait for the first pod.
kube::StorageClass WaitingClass(std::string_view name, std::string_view provisioner);

// Returns a class whose volumes are bound at once.
kube::StorageClass ImmediateClass(std::string_view name);

// Returns the CSINode of a node with one driver that takes so many volumes.
kube::CsiNode MakeCsiNode(std::string_view node, std::string_view driver, std::int32_t limit);

// Tells the cluster of all of them.
void Put(ClusterState& cluster, std::initializer_list<kube::Object> objects);

}  // namespace heat_scheduler
