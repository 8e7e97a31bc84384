#include "kube/json_fields.h"

namespace heat_scheduler::kube {
namespace {

using Value = JsonReader::Value;

// Reads an object of which only metadata and spec.selector are wanted; decode_selector(value, out)
// reads the latter.
template <typename DecodeSelector>
bool DecodeOwner(JsonReader& in, Value value, SelectingOwner& out, DecodeSelector decode_selector) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key != "spec") return true;
    return in.Fields(field, [&](std::string_view inner, Value selector) {
      return inner != "selector" || decode_selector(selector, out.selector);
    });
  });
}

// A selector that is a plain map; an empty one selects nothing.
bool DecodeMapOwner(JsonReader& in, Value value, SelectingOwner& out) {
  return DecodeOwner(in, value, out, [&](Value field, std::optional<LabelSelector>& selector) {
    StringMap labels;
    if (!in.Strings(field, labels)) return false;
    selector.reset();
    if (!labels.empty()) selector.emplace().match_labels = std::move(labels);
    return true;
  });
}

bool DecodeSelectorOwner(JsonReader& in, Value value, SelectingOwner& out) {
  return DecodeOwner(in, value, out, [&](Value field, std::optional<LabelSelector>& selector) {
    return in.Optional(field, selector);
  });
}

bool DecodeBudgetStatus(JsonReader& in, Value value, PodDisruptionBudget& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "disruptionsAllowed") return in.Int32(field, out.disruptions_allowed);
    if (key == "disruptedPods") return in.Keys(field, out.disrupted_pods);
    return true;
  });
}

bool DecodeLeaseSpec(JsonReader& in, Value value, Lease& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "holderIdentity") return in.String(field, out.holder_identity);
    if (key == "leaseDurationSeconds") return in.Int32(field, out.lease_duration_seconds);
    if (key == "acquireTime") return in.Time(field, out.acquire_time);
    if (key == "renewTime") return in.Time(field, out.renew_time);
    if (key == "leaseTransitions") return in.Int32(field, out.lease_transitions);
    return true;
  });
}

bool DecodeSeries(JsonReader& in, Value value, Event& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "count") return in.Int32(field, out.series_count);
    if (key == "lastObservedTime") return in.Time(field, out.series_last_observed_time);
    return true;
  });
}

// What older writers of core/v1 events say instead of the newer fields.
struct LegacyEvent {
  std::string component;
  std::string host;
  std::optional<absl::Time> first_time;
};

bool DecodeSource(JsonReader& in, Value value, LegacyEvent& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "component") return in.String(field, out.component);
    if (key == "host") return in.String(field, out.host);
    return true;
  });
}

}  // namespace

bool Decode(JsonReader& in, Value value, Namespace& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    return key != "metadata" || Decode(in, field, out.metadata);
  });
}

bool Decode(JsonReader& in, Value value, PodDisruptionBudget& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key == "status") return DecodeBudgetStatus(in, field, out);
    if (key != "spec") return true;
    return in.Fields(field, [&](std::string_view inner, Value selector) {
      return inner != "selector" || in.Optional(selector, out.selector);
    });
  });
}

bool Decode(JsonReader& in, Value value, PriorityClass& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key == "value") return in.Int32(field, out.value);
    if (key == "globalDefault") return in.Bool(field, out.global_default);
    if (key == "preemptionPolicy") {
      std::string_view policy;
      if (!in.Text(field, policy)) return false;
      out.preempts = policy != "Never";
    }
    return true;
  });
}

bool Decode(JsonReader& in, Value value, Service& out) { return DecodeMapOwner(in, value, out); }

bool Decode(JsonReader& in, Value value, ReplicationController& out) {
  return DecodeMapOwner(in, value, out);
}

bool Decode(JsonReader& in, Value value, ReplicaSet& out) {
  return DecodeSelectorOwner(in, value, out);
}

bool Decode(JsonReader& in, Value value, StatefulSet& out) {
  return DecodeSelectorOwner(in, value, out);
}

bool Decode(JsonReader& in, Value value, Lease& out) {
  return in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key == "spec") return DecodeLeaseSpec(in, field, out);
    return true;
  });
}

// events.k8s.io/v1 and core/v1 have one store and two spellings; both are read.
bool Decode(JsonReader& in, Value value, Event& out) {
  LegacyEvent legacy;
  const bool ok = in.Fields(value, [&](std::string_view key, Value field) {
    if (key == "metadata") return Decode(in, field, out.metadata);
    if (key == "regarding" || key == "involvedObject") return Decode(in, field, out.regarding);
    if (key == "type") return in.String(field, out.type);
    if (key == "reason") return in.String(field, out.reason);
    if (key == "action") return in.String(field, out.action);
    if (key == "note" || key == "message") return in.String(field, out.note);
    if (key == "reportingController" || key == "reportingComponent") {
      return in.String(field, out.reporting_controller);
    }
    if (key == "reportingInstance") return in.String(field, out.reporting_instance);
    if (key == "eventTime") return in.Time(field, out.event_time);
    if (key == "series") return DecodeSeries(in, field, out);
    if (key == "source" || key == "deprecatedSource") return DecodeSource(in, field, legacy);
    if (key == "firstTimestamp" || key == "deprecatedFirstTimestamp") {
      return in.Time(field, legacy.first_time);
    }
    return true;
  });
  if (out.reporting_controller.empty()) out.reporting_controller = std::move(legacy.component);
  if (out.reporting_instance.empty()) out.reporting_instance = std::move(legacy.host);
  if (!out.event_time) out.event_time = legacy.first_time;
  return ok;
}

}  // namespace heat_scheduler::kube
