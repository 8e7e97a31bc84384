#include "kube/json_fields.h"

namespace heat_scheduler::kube {
namespace {

using Value = JsonReader::Value;

bool DecodeOwner(JsonReader& in, Value value, OwnerReference& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "apiVersion") return in.String(field, out.api_version);
    if (key == "kind") return in.String(field, out.kind);
    if (key == "name") return in.String(field, out.name);
    if (key == "uid") return in.String(field, out.uid);
    if (key == "controller") return in.Bool(field, out.controller);
    return true;
  });
}

SelectorOperator OperatorOf(std::string_view text) {
  if (text == "In") return SelectorOperator::kIn;
  if (text == "NotIn") return SelectorOperator::kNotIn;
  if (text == "Exists") return SelectorOperator::kExists;
  if (text == "DoesNotExist") return SelectorOperator::kDoesNotExist;
  if (text == "Gt") return SelectorOperator::kGt;
  if (text == "Lt") return SelectorOperator::kLt;
  return SelectorOperator::kUnknown;
}

bool DecodeRequirement(JsonReader& in, Value value, SelectorRequirement& out) {
  out.op = SelectorOperator::kUnknown;
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "key") return in.String(field, out.key);
    if (key == "values") return in.Strings(field, out.values);
    if (key == "operator") {
      std::string_view text;
      if (!in.Text(field, text)) return false;
      out.op = OperatorOf(text);
    }
    return true;
  });
}

// metav1.LabelSelector has neither Gt nor Lt.
bool DecodeLabelRequirement(JsonReader& in, Value value, SelectorRequirement& out) {
  if (!DecodeRequirement(in, value, out)) return false;
  if (out.op == SelectorOperator::kGt || out.op == SelectorOperator::kLt) {
    out.op = SelectorOperator::kUnknown;
  }
  return true;
}

}  // namespace

bool Decode(JsonReader& in, Value value, ObjectMeta& out) {
  out = {};
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "name") return in.String(field, out.name);
    if (key == "namespace") return in.String(field, out.namespace_);
    if (key == "uid") return in.String(field, out.uid);
    if (key == "resourceVersion") return in.String(field, out.resource_version);
    if (key == "labels") return in.Strings(field, out.labels);
    if (key == "annotations") return in.Strings(field, out.annotations);
    if (key == "ownerReferences") return in.List(field, *out.owner_references, DecodeOwner);
    if (key == "creationTimestamp") return in.Time(field, out.creation_timestamp);
    if (key == "deletionTimestamp") return in.Time(field, out.deletion_timestamp);
    return true;
  });
}

bool Decode(JsonReader& in, Value value, LabelSelector& out) {
  out = {};
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "matchLabels") return in.Strings(field, out.match_labels);
    if (key == "matchExpressions") {
      return in.List(field, out.match_expressions, DecodeLabelRequirement);
    }
    return true;
  });
}

bool Decode(JsonReader& in, Value value, NodeSelectorTerm& out) {
  out = {};
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "matchExpressions") return in.List(field, out.match_expressions, DecodeRequirement);
    if (key == "matchFields") return in.List(field, out.match_fields, DecodeRequirement);
    return true;
  });
}

bool Decode(JsonReader& in, Value value, NodeSelector& out) {
  out = {};
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key != "nodeSelectorTerms") return true;
    return in.List(field, out.terms);
  });
}

bool Decode(JsonReader& in, Value value, ObjectReference& out) {
  out = {};
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "kind") return in.String(field, out.kind);
    if (key == "apiVersion") return in.String(field, out.api_version);
    if (key == "namespace") return in.String(field, out.namespace_);
    if (key == "name") return in.String(field, out.name);
    if (key == "uid") return in.String(field, out.uid);
    if (key == "resourceVersion") return in.String(field, out.resource_version);
    return true;
  });
}

TaintEffect TaintEffectOf(std::string_view text, bool& known) {
  known = true;
  if (text == "NoSchedule") return TaintEffect::kNoSchedule;
  if (text == "PreferNoSchedule") return TaintEffect::kPreferNoSchedule;
  if (text == "NoExecute") return TaintEffect::kNoExecute;
  known = text.empty();
  return TaintEffect::kNone;
}

}  // namespace heat_scheduler::kube
