#include "kube/json_fields.h"

namespace heat_scheduler::kube {
namespace {

using Value = JsonReader::Value;

bool DecodeGceDisk(JsonReader& in, Value value, Volume::GcePersistentDisk& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "pdName") return in.String(field, out.pd_name);
    if (key == "readOnly") return in.Bool(field, out.read_only);
    return true;
  });
}

bool DecodeIscsi(JsonReader& in, Value value, Volume::Iscsi& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "targetPortal") return in.String(field, out.target_portal);
    if (key == "iqn") return in.String(field, out.iqn);
    if (key == "lun") return in.Int32(field, out.lun);
    if (key == "readOnly") return in.Bool(field, out.read_only);
    return true;
  });
}

bool DecodeRbd(JsonReader& in, Value value, Volume::Rbd& out) {
  out.pool = "rbd";
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "monitors") return in.Strings(field, out.monitors);
    if (key == "pool") return in.StringOr(field, "rbd", out.pool);
    if (key == "image") return in.String(field, out.image);
    if (key == "readOnly") return in.Bool(field, out.read_only);
    return true;
  });
}

bool DecodeClaim(JsonReader& in, Value value, Volume& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "claimName") return in.String(field, out.claim_name);
    if (key == "readOnly") return in.Bool(field, out.claim_read_only);
    return true;
  });
}

// Reads the one field that says which disk it is.
bool DecodeText(JsonReader& in, Value value, std::string_view name, std::string& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    return key != name || in.String(field, out);
  });
}

}  // namespace

bool Decode(JsonReader& in, Value value, Volume& out) {
  out = {};
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (field.is_null()) return true;
    if (key == "name") return in.String(field, out.name);
    if (key == "persistentVolumeClaim") return DecodeClaim(in, field, out);
    if (key == "ephemeral") {
      out.ephemeral = true;
      return true;
    }
    if (key == "image") return DecodeText(in, field, "reference", out.image);
    if (key == "gcePersistentDisk") {
      return DecodeGceDisk(in, field, out.gce_persistent_disk.emplace());
    }
    if (key == "awsElasticBlockStore") {
      return DecodeText(in, field, "volumeID", out.aws_elastic_block_store.emplace().volume_id);
    }
    if (key == "iscsi") return DecodeIscsi(in, field, out.iscsi.emplace());
    if (key == "rbd") return DecodeRbd(in, field, out.rbd.emplace());
    if (key == "azureDisk") return DecodeText(in, field, "diskName", out.azure_disk_name);
    if (key == "cinder") return DecodeText(in, field, "volumeID", out.cinder_volume_id);
    return true;
  });
}

}  // namespace heat_scheduler::kube
