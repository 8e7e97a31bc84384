#include "kube/json_fields.h"

namespace heat_scheduler::kube {
namespace {

using Value = JsonReader::Value;

// How each in-tree plugin is written.
struct InTreeFields {
  std::string_view source;
  std::string_view id;
  InTreeDisk::Plugin plugin;
};
constexpr InTreeFields kInTreeFields[] = {
    {"awsElasticBlockStore", "volumeID", InTreeDisk::Plugin::kAwsElasticBlockStore},
    {"azureDisk", "diskURI", InTreeDisk::Plugin::kAzureDisk},
    {"cinder", "volumeID", InTreeDisk::Plugin::kCinder},
    {"gcePersistentDisk", "pdName", InTreeDisk::Plugin::kGcePersistentDisk},
    {"portworxVolume", "volumeID", InTreeDisk::Plugin::kPortworxVolume},
};

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

bool DecodeInTreeDisk(JsonReader& in, std::string_view key, Value value,
                      std::optional<InTreeDisk>& out) {
  if (value.is_null()) return true;
  for (const InTreeFields& fields : kInTreeFields) {
    if (key != fields.source) continue;
    InTreeDisk& disk = out.emplace();
    disk.plugin = fields.plugin;
    return in.Fields(value, [&](std::string_view name, Value field) {
      if (name == fields.id) return in.String(field, disk.id);
      if (name == "readOnly") return in.Bool(field, disk.read_only);
      if (name == "kind") return in.String(field, disk.azure_kind);
      return true;
    });
  }
  return true;
}

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
    if (key == "iscsi") return DecodeIscsi(in, field, out.iscsi.emplace());
    if (key == "rbd") return DecodeRbd(in, field, out.rbd.emplace());
    return DecodeInTreeDisk(in, key, field, out.in_tree_disk);
  });
}

}  // namespace heat_scheduler::kube
