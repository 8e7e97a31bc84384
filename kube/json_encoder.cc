#include <nlohmann/json.hpp>
#include <string>

#include "base/time_text.h"
#include "kube/codec.h"
#include "kube/objects.h"

namespace heat_scheduler::kube {
namespace {

using nlohmann::json;

// Empty text is left out, as the API server does.
void Put(const char* key, const std::string& text, json& object) {
  if (!text.empty()) object[key] = text;
}

void PutTime(const char* key, const std::optional<absl::Time>& time, json& object) {
  if (time) object[key] = FormatRfc3339Micro(*time);
}

json EncodeOwner(const OwnerReference& owner) {
  json object = {{"apiVersion", owner.api_version},
                 {"kind", owner.kind},
                 {"name", owner.name},
                 {"uid", owner.uid}};
  if (owner.controller) object["controller"] = true;
  return object;
}

json EncodeMetadata(const ObjectMeta& metadata) {
  json object = json::object();
  Put("name", metadata.name, object);
  Put("namespace", metadata.namespace_, object);
  Put("uid", metadata.uid, object);
  Put("resourceVersion", metadata.resource_version, object);
  if (!metadata.labels.empty()) object["labels"] = metadata.labels;
  if (!metadata.annotations.empty()) object["annotations"] = metadata.annotations;
  for (const OwnerReference& owner : *metadata.owner_references) {
    object["ownerReferences"].push_back(EncodeOwner(owner));
  }
  return object;
}

json EncodeReference(const ObjectReference& reference) {
  json object = json::object();
  Put("kind", reference.kind, object);
  Put("apiVersion", reference.api_version, object);
  Put("namespace", reference.namespace_, object);
  Put("name", reference.name, object);
  Put("uid", reference.uid, object);
  Put("resourceVersion", reference.resource_version, object);
  return object;
}

// Bytes that are no UTF-8 become U+FFFD: an odd name in a message must not stop the message.
std::string Dump(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string EncodeBinding(const Binding& binding) {
  return Dump(
      {{"apiVersion", "v1"},
       {"kind", "Binding"},
       {"metadata", EncodeMetadata(binding.metadata)},
       {"target", {{"apiVersion", "v1"}, {"kind", "Node"}, {"name", binding.target_node}}}});
}

std::string EncodeEvent(const Event& event) {
  json document = {{"apiVersion", "events.k8s.io/v1"},
                   {"kind", "Event"},
                   {"metadata", EncodeMetadata(event.metadata)},
                   {"regarding", EncodeReference(event.regarding)}};
  if (event.related.has_value()) document["related"] = EncodeReference(*event.related);
  Put("type", event.type, document);
  Put("reason", event.reason, document);
  Put("action", event.action, document);
  Put("note", event.note, document);
  Put("reportingController", event.reporting_controller, document);
  Put("reportingInstance", event.reporting_instance, document);
  PutTime("eventTime", event.event_time, document);
  if (event.series_count > 0) {
    json series = {{"count", event.series_count}};
    PutTime("lastObservedTime", event.series_last_observed_time, series);
    document["series"] = std::move(series);
  }
  return Dump(document);
}

std::string EncodeLease(const Lease& lease) {
  // An empty holder is written too: it is how a lease is released.
  json spec = {{"leaseTransitions", lease.lease_transitions},
               {"holderIdentity", lease.holder_identity}};
  if (lease.lease_duration_seconds) spec["leaseDurationSeconds"] = *lease.lease_duration_seconds;
  PutTime("acquireTime", lease.acquire_time, spec);
  PutTime("renewTime", lease.renew_time, spec);
  return Dump({{"apiVersion", "coordination.k8s.io/v1"},
               {"kind", "Lease"},
               {"metadata", EncodeMetadata(lease.metadata)},
               {"spec", std::move(spec)}});
}

}  // namespace heat_scheduler::kube
