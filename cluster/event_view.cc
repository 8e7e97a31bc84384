#include "cluster/event_view.h"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace heat_scheduler::cluster {
namespace {

// Members that differ in name alone: {core/v1, events.k8s.io/v1}.
constexpr const char* kRenamed[][2] = {
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"reportingComponent", "reportingController"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
};

void Rename(Json& document, const char* from, const char* to) {
  const auto found = document.find(from);
  if (found == document.end()) return;
  Json value = std::move(*found);
  document.erase(from);
  document[to] = std::move(value);
}

}  // namespace

bool IsView(const ResourceInfo& resource) { return &StorageForm(resource) != &resource; }

Json ToStored(const ResourceInfo& resource, Json document) {
  if (!IsView(resource) || !document.is_object()) return document;
  for (const auto& [core, view] : kRenamed) Rename(document, view, core);
  document["apiVersion"] = ApiVersionOf(StorageForm(resource));
  return document;
}

Json ToView(const ResourceInfo& resource, Json document) {
  if (!IsView(resource) || !document.is_object()) return document;
  for (const auto& [core, view] : kRenamed) Rename(document, core, view);
  document["apiVersion"] = ApiVersionOf(resource);
  return document;
}

}  // namespace heat_scheduler::cluster
