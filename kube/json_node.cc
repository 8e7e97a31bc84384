#include "kube/json_fields.h"

namespace heat_scheduler::kube {
namespace {

using Value = JsonReader::Value;

bool DecodeTaint(JsonReader& in, Value value, Taint& out) {
  out.effect = TaintEffect::kNone;
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "key") return in.String(field, out.key);
    if (key == "value") return in.String(field, out.value);
    if (key == "effect") {
      std::string_view text;
      bool known = false;
      if (!in.Text(field, text)) return false;
      out.effect = TaintEffectOf(text, known);
    }
    return true;
  });
}

bool DecodeImage(JsonReader& in, Value value, ContainerImage& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "names") return in.Strings(field, out.names);
    if (key == "sizeBytes") return in.Int64(field, out.size_bytes);
    return true;
  });
}

bool DecodeNodeCondition(JsonReader& in, Value value, NodeCondition& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "type") return in.String(field, out.type);
    if (key == "status") return in.String(field, out.status);
    return true;
  });
}

bool DecodeSpec(JsonReader& in, Value value, Node& out) {
  out.unschedulable = false;
  out.taints.clear();
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "unschedulable") return in.Bool(field, out.unschedulable);
    if (key == "taints") return in.List(field, out.taints, DecodeTaint);
    return true;
  });
}

bool DecodeStatus(JsonReader& in, Value value, Node& out) {
  out.capacity.clear();
  out.images.clear();
  out.conditions.clear();
  out.declared_features.clear();
  std::optional<ResourceList> allocatable;
  const bool ok = in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "capacity") return in.Amounts(field, out.capacity);
    if (key == "allocatable") {
      allocatable.reset();
      return field.is_null() || in.Amounts(field, allocatable.emplace());
    }
    if (key == "images") return in.List(field, out.images, DecodeImage);
    if (key == "conditions") return in.List(field, out.conditions, DecodeNodeCondition);
    if (key == "declaredFeatures") return in.Strings(field, out.declared_features);
    return true;
  });
  // As the API server defaults it.
  out.allocatable = allocatable ? *std::move(allocatable) : out.capacity;
  return ok;
}

}  // namespace

bool Decode(JsonReader& in, Value value, Node& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key == "spec") return DecodeSpec(in, field, out);
    if (key == "status") return DecodeStatus(in, field, out);
    return true;
  });
}

}  // namespace heat_scheduler::kube
