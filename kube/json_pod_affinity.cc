#include "kube/json_fields.h"

namespace heat_scheduler::kube {
namespace {

using Value = JsonReader::Value;

bool DecodePreferredNode(JsonReader& in, Value value, PreferredSchedulingTerm& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "weight") return in.Int32(field, out.weight);
    if (key == "preference") return Decode(in, field, out.preference);
    return true;
  });
}

bool DecodePodTerm(JsonReader& in, Value value, PodAffinityTerm& out) {
  out = {};
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "labelSelector") return in.Optional(field, out.label_selector);
    if (key == "namespaces") return in.Strings(field, out.namespaces);
    if (key == "namespaceSelector") return in.Optional(field, out.namespace_selector);
    if (key == "topologyKey") return in.String(field, out.topology_key);
    if (key == "matchLabelKeys") return in.Strings(field, out.match_label_keys);
    if (key == "mismatchLabelKeys") return in.Strings(field, out.mismatch_label_keys);
    return true;
  });
}

bool DecodeWeightedPodTerm(JsonReader& in, Value value, WeightedPodAffinityTerm& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "weight") return in.Int32(field, out.weight);
    if (key == "podAffinityTerm") return DecodePodTerm(in, field, out.term);
    return true;
  });
}

constexpr std::string_view kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr std::string_view kPreferred = "preferredDuringSchedulingIgnoredDuringExecution";

bool DecodeNodeAffinity(JsonReader& in, Value value, Affinity& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == kRequired) return in.Optional(field, out.required_node_affinity);
    if (key == kPreferred) {
      return in.List(field, out.preferred_node_affinity, DecodePreferredNode);
    }
    return true;
  });
}

// podAffinity or podAntiAffinity.
bool DecodePodAffinity(JsonReader& in, Value value, std::vector<PodAffinityTerm>& required,
                       std::vector<WeightedPodAffinityTerm>& preferred) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == kRequired) return in.List(field, required, DecodePodTerm);
    if (key == kPreferred) return in.List(field, preferred, DecodeWeightedPodTerm);
    return true;
  });
}

// Sets `out` if the text is `word`, and clears it if it is anything else but nothing.
bool DecodeChoice(JsonReader& in, Value value, std::string_view word, bool& out) {
  std::string_view text;
  if (!in.Text(value, text)) return false;
  if (!text.empty()) out = text == word;
  return true;
}

}  // namespace

bool Decode(JsonReader& in, Value value, Affinity& out) {
  out = {};
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "nodeAffinity") return DecodeNodeAffinity(in, field, out);
    if (key == "podAffinity") {
      return DecodePodAffinity(in, field, out.required_pod_affinity, out.preferred_pod_affinity);
    }
    if (key == "podAntiAffinity") {
      return DecodePodAffinity(in, field, out.required_pod_anti_affinity,
                               out.preferred_pod_anti_affinity);
    }
    return true;
  });
}

bool Decode(JsonReader& in, Value value, TopologySpreadConstraint& out) {
  out = {};
  bool ignores_node_affinity = false;
  const bool ok = in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "maxSkew") return in.Int32(field, out.max_skew);
    if (key == "topologyKey") return in.String(field, out.topology_key);
    if (key == "whenUnsatisfiable") {
      return DecodeChoice(in, field, "ScheduleAnyway", out.schedule_anyway);
    }
    if (key == "labelSelector") return in.Optional(field, out.label_selector);
    if (key == "minDomains") return in.Int32(field, out.min_domains);
    if (key == "nodeAffinityPolicy") {
      return DecodeChoice(in, field, "Ignore", ignores_node_affinity);
    }
    if (key == "nodeTaintsPolicy") return DecodeChoice(in, field, "Honor", out.honor_node_taints);
    if (key == "matchLabelKeys") return in.Strings(field, out.match_label_keys);
    return true;
  });
  out.honor_node_affinity = !ignores_node_affinity;
  return ok;
}

}  // namespace heat_scheduler::kube
