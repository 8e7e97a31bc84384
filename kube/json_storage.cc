#include "kube/json_fields.h"

namespace heat_scheduler::kube {
namespace {

using Value = JsonReader::Value;

constexpr std::string_view kDefaultVolumeMode = "Filesystem";

bool DecodePhase(JsonReader& in, Value value, std::string& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    return key != "phase" || in.String(field, out);
  });
}

bool DecodeClaimReference(JsonReader& in, Value value, PersistentVolume& out) {
  ObjectReference claim;
  if (!Decode(in, value, claim)) return false;
  out.claim_namespace = std::move(claim.namespace_);
  out.claim_name = std::move(claim.name);
  out.claim_uid = std::move(claim.uid);
  return true;
}

bool DecodeCsi(JsonReader& in, Value value, PersistentVolume& out) {
  out.csi_driver.clear();
  out.csi_volume_handle.clear();
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "driver") return in.String(field, out.csi_driver);
    if (key == "volumeHandle") return in.String(field, out.csi_volume_handle);
    return true;
  });
}

bool DecodeVolumeNodeAffinity(JsonReader& in, Value value, std::optional<NodeSelector>& out) {
  out.reset();
  return in.Fields(value, [&](std::string_view key, Value field) {
    return key != "required" || in.Optional(field, out);
  });
}

bool DecodeVolumeSpec(JsonReader& in, Value value, PersistentVolume& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "capacity") return in.Amounts(field, out.capacity);
    if (key == "accessModes") return in.Strings(field, out.access_modes);
    if (key == "storageClassName") return in.String(field, out.storage_class_name);
    if (key == "volumeMode") return in.StringOr(field, kDefaultVolumeMode, out.volume_mode);
    if (key == "claimRef") return DecodeClaimReference(in, field, out);
    if (key == "nodeAffinity") return DecodeVolumeNodeAffinity(in, field, out.node_affinity);
    if (key == "csi") return DecodeCsi(in, field, out);
    if (key == "volumeAttributesClassName") {
      return in.String(field, out.volume_attributes_class_name);
    }
    return DecodeInTreeDisk(in, key, field, out.in_tree_disk);
  });
}

bool DecodeClaimRequests(JsonReader& in, Value value, ResourceList& out) {
  out.clear();
  return in.Fields(value, [&](std::string_view key, Value field) {
    return key != "requests" || in.Amounts(field, out);
  });
}

// "" is a class of its own here: none at all.
bool DecodeClassName(JsonReader& in, Value value, std::optional<std::string>& out) {
  out.reset();
  return value.is_null() || in.String(value, out.emplace());
}

bool DecodeClaimSpec(JsonReader& in, Value value, PersistentVolumeClaim& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "accessModes") return in.Strings(field, out.access_modes);
    if (key == "selector") return in.Optional(field, out.selector);
    if (key == "resources") return DecodeClaimRequests(in, field, out.requests);
    if (key == "volumeName") return in.String(field, out.volume_name);
    if (key == "storageClassName") return DecodeClassName(in, field, out.storage_class_name);
    if (key == "volumeMode") return in.StringOr(field, kDefaultVolumeMode, out.volume_mode);
    if (key == "volumeAttributesClassName") {
      return in.String(field, out.volume_attributes_class_name);
    }
    return true;
  });
}

bool DecodeTopologyRequirement(JsonReader& in, Value value, SelectorRequirement& out) {
  out.op = SelectorOperator::kIn;
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "key") return in.String(field, out.key);
    if (key == "values") return in.Strings(field, out.values);
    return true;
  });
}

bool DecodeTopologyTerm(JsonReader& in, Value value, std::vector<SelectorRequirement>& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    return key != "matchLabelExpressions" || in.List(field, out, DecodeTopologyRequirement);
  });
}

bool DecodeBindingMode(JsonReader& in, Value value, StorageClass::BindingMode& out) {
  std::string_view mode;
  if (!in.Text(value, mode)) return false;
  using enum StorageClass::BindingMode;
  out = mode.empty() ? kUnset : mode == "WaitForFirstConsumer" ? kWaitForFirstConsumer : kImmediate;
  return true;
}

bool DecodeDriver(JsonReader& in, Value value, CsiNodeDriver& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "name") return in.String(field, out.name);
    if (key == "nodeID") return in.String(field, out.node_id);
    if (key == "topologyKeys") return in.Strings(field, out.topology_keys);
    if (key == "allocatable") {
      return in.Fields(field, [&](std::string_view inner, Value count) {
        return inner != "count" || in.Int32(count, out.allocatable_count);
      });
    }
    return true;
  });
}

bool DecodeAmount(JsonReader& in, Value value, std::optional<Quantity>& out) {
  out.reset();
  return value.is_null() || in.Amount(value, out.emplace());
}

bool DecodeAttachmentSource(JsonReader& in, Value value, VolumeAttachment& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    return key != "persistentVolumeName" || in.String(field, out.persistent_volume_name);
  });
}

}  // namespace

bool Decode(JsonReader& in, Value value, PersistentVolume& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key == "spec") return DecodeVolumeSpec(in, field, out);
    if (key == "status") return DecodePhase(in, field, out.phase);
    return true;
  });
}

bool Decode(JsonReader& in, Value value, PersistentVolumeClaim& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key == "spec") return DecodeClaimSpec(in, field, out);
    if (key == "status") return DecodePhase(in, field, out.phase);
    return true;
  });
}

bool Decode(JsonReader& in, Value value, StorageClass& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key == "provisioner") return in.String(field, out.provisioner);
    if (key == "volumeBindingMode") {
      return DecodeBindingMode(in, field, out.binding_mode);
    }
    if (key == "allowedTopologies") {
      return in.List(field, out.allowed_topologies, DecodeTopologyTerm);
    }
    return true;
  });
}

bool Decode(JsonReader& in, Value value, CsiNode& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key != "spec") return true;
    return in.Fields(field, [&](std::string_view inner, Value drivers) {
      return inner != "drivers" || in.List(drivers, out.drivers, DecodeDriver);
    });
  });
}

bool Decode(JsonReader& in, Value value, CsiDriver& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key != "spec") return true;
    return in.Fields(field, [&](std::string_view inner, Value wanted) {
      return inner != "storageCapacity" || in.Bool(wanted, out.storage_capacity);
    });
  });
}

bool Decode(JsonReader& in, Value value, CsiStorageCapacity& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key == "storageClassName") return in.String(field, out.storage_class_name);
    if (key == "nodeTopology") return in.Optional(field, out.node_topology);
    if (key == "capacity") return DecodeAmount(in, field, out.capacity);
    if (key == "maximumVolumeSize") return DecodeAmount(in, field, out.maximum_volume_size);
    return true;
  });
}

bool Decode(JsonReader& in, Value value, VolumeAttachment& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key != "spec") return true;
    return in.Fields(field, [&](std::string_view inner, Value part) {
      if (inner == "attacher") return in.String(part, out.attacher);
      if (inner == "nodeName") return in.String(part, out.node_name);
      if (inner == "source") return DecodeAttachmentSource(in, part, out);
      return true;
    });
  });
}

}  // namespace heat_scheduler::kube
