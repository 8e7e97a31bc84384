#include "tests/plugins/defaults/volumes/storage_objects.h"

#include <utility>

#include "tests/support/objects.h"

namespace heat_scheduler {

ClaimBuilder::ClaimBuilder(std::string_view name) {
  claim_.metadata.namespace_ = "default";
  claim_.metadata.name = std::string(name);
  claim_.metadata.uid = claim_.metadata.name + "-uid";
  claim_.requests["storage"] = Q("1Gi");
  claim_.access_modes = {"ReadWriteOnce"};
  claim_.phase = "Pending";
}

ClaimBuilder& ClaimBuilder::Class(std::string_view name) {
  claim_.storage_class_name = std::string(name);
  return *this;
}

ClaimBuilder& ClaimBuilder::Size(std::string_view quantity) {
  claim_.requests["storage"] = Q(quantity);
  return *this;
}

ClaimBuilder& ClaimBuilder::Mode(std::string_view mode) {
  claim_.access_modes.emplace_back(mode);
  return *this;
}

ClaimBuilder& ClaimBuilder::BoundTo(std::string_view volume) {
  claim_.metadata.annotations["pv.kubernetes.io/bind-completed"] = "yes";
  claim_.phase = "Bound";
  return Volume(volume);
}

ClaimBuilder& ClaimBuilder::Volume(std::string_view volume) {
  claim_.volume_name = std::string(volume);
  return *this;
}

ClaimBuilder& ClaimBuilder::Phase(std::string_view phase) {
  claim_.phase = std::string(phase);
  return *this;
}

ClaimBuilder& ClaimBuilder::SelectedNode(std::string_view node) {
  claim_.metadata.annotations["volume.kubernetes.io/selected-node"] = std::string(node);
  return *this;
}

ClaimBuilder& ClaimBuilder::Selector(kube::LabelSelector selector) {
  claim_.selector = std::move(selector);
  return *this;
}

ClaimBuilder& ClaimBuilder::Deleting() {
  claim_.metadata.deletion_timestamp = absl::UnixEpoch();
  return *this;
}

ClaimBuilder& ClaimBuilder::OwnedBy(std::string_view pod_uid) {
  claim_.metadata.owner_references->push_back({"v1", "Pod", "owner", std::string(pod_uid), true});
  return *this;
}

ClaimBuilder& ClaimBuilder::ResourceVersion(std::string_view version) {
  claim_.metadata.resource_version = std::string(version);
  return *this;
}

VolumeBuilder::VolumeBuilder(std::string_view name) {
  volume_.metadata.name = std::string(name);
  volume_.capacity["storage"] = Q("1Gi");
  volume_.access_modes = {"ReadWriteOnce"};
  volume_.phase = "Available";
}

VolumeBuilder& VolumeBuilder::Class(std::string_view name) {
  volume_.storage_class_name = std::string(name);
  return *this;
}

VolumeBuilder& VolumeBuilder::Size(std::string_view quantity) {
  volume_.capacity["storage"] = Q(quantity);
  return *this;
}

VolumeBuilder& VolumeBuilder::Mode(std::string_view mode) {
  volume_.access_modes.emplace_back(mode);
  return *this;
}

VolumeBuilder& VolumeBuilder::Phase(std::string_view phase) {
  volume_.phase = std::string(phase);
  return *this;
}

VolumeBuilder& VolumeBuilder::VolumeMode(std::string_view mode) {
  volume_.volume_mode = std::string(mode);
  return *this;
}

VolumeBuilder& VolumeBuilder::Label(std::string_view key, std::string_view value) {
  volume_.metadata.labels[std::string(key)] = std::string(value);
  return *this;
}

VolumeBuilder& VolumeBuilder::ReachedFrom(std::string_view key, std::vector<std::string> values) {
  if (!volume_.node_affinity) volume_.node_affinity.emplace();
  volume_.node_affinity->terms.push_back(
      {{Require(key, kube::SelectorOperator::kIn, std::move(values))}, {}});
  return *this;
}

VolumeBuilder& VolumeBuilder::Csi(std::string_view driver, std::string_view handle) {
  volume_.csi_driver = std::string(driver);
  volume_.csi_volume_handle = std::string(handle);
  return *this;
}

VolumeBuilder& VolumeBuilder::InTree(kube::InTreeDisk::Plugin plugin, std::string_view id) {
  volume_.in_tree_disk.emplace();
  volume_.in_tree_disk->plugin = plugin;
  volume_.in_tree_disk->id = std::string(id);
  return *this;
}

VolumeBuilder& VolumeBuilder::For(std::string_view claim, std::string_view uid) {
  volume_.claim_namespace = "default";
  volume_.claim_name = std::string(claim);
  volume_.claim_uid = std::string(uid);
  return *this;
}

VolumeBuilder& VolumeBuilder::Deleting() {
  volume_.metadata.deletion_timestamp = absl::UnixEpoch();
  return *this;
}

VolumeBuilder& VolumeBuilder::ResourceVersion(std::string_view version) {
  volume_.metadata.resource_version = std::string(version);
  return *this;
}

ClaimBuilder MakeClaim(std::string_view name) { return ClaimBuilder(name); }

VolumeBuilder MakeVolume(std::string_view name) { return VolumeBuilder(name); }

kube::StorageClass WaitingClass(std::string_view name, std::string_view provisioner) {
  kube::StorageClass storage_class;
  storage_class.metadata.name = std::string(name);
  storage_class.provisioner = std::string(provisioner);
  storage_class.binding_mode = kube::StorageClass::BindingMode::kWaitForFirstConsumer;
  return storage_class;
}

kube::StorageClass ImmediateClass(std::string_view name) {
  kube::StorageClass storage_class = WaitingClass(name, "csi.example.com");
  storage_class.binding_mode = kube::StorageClass::BindingMode::kImmediate;
  return storage_class;
}

kube::CsiNode MakeCsiNode(std::string_view node, std::string_view driver, std::int32_t limit) {
  kube::CsiNode csi_node;
  csi_node.metadata.name = std::string(node);
  csi_node.drivers.push_back({std::string(driver), std::string(node), {}, limit});
  return csi_node;
}

void Put(ClusterState& cluster, std::initializer_list<kube::Object> objects) {
  for (const kube::Object& object : objects) cluster.UpsertObject(object);
}

}  // namespace heat_scheduler
