#include "cluster/view.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "cluster/event_view.h"

namespace heat_scheduler::cluster {

bool View::is_plain() const { return !IsView(*resource); }

std::string View::Render(const Document& document) const {
  if (is_plain()) return *document.text();
  return Dump(ToView(*resource, document.json()));
}

std::string View::RenderList(const ObjectList& list) const {
  Json metadata = {{"resourceVersion", absl::StrCat(list.resource_version)}};
  if (!list.continue_token.empty()) metadata["continue"] = list.continue_token;
  if (list.remaining > 0) metadata["remainingItemCount"] = list.remaining;
  std::string text =
      absl::StrCat("{\"kind\":\"", ToAbsl(resource->kind), "List\",\"apiVersion\":\"",
                   ApiVersionOf(*resource), "\",\"metadata\":", Dump(metadata), ",\"items\":[");
  bool first = true;
  for (const DocumentRef& item : list.items) {
    if (!first) text += ',';
    first = false;
    text += is_plain() ? *item->text() : Render(*item);
  }
  text += "]}";
  return text;
}

std::string View::RenderEvent(std::string_view type, const Document& document) const {
  return absl::StrCat("{\"type\":\"", ToAbsl(type), "\",\"object\":", Render(document), "}\n");
}

std::string View::RenderBookmark(std::int64_t resource_version, bool initial_events_end) const {
  Json metadata = {{"resourceVersion", absl::StrCat(resource_version)},
                   {"creationTimestamp", nullptr}};
  if (initial_events_end) metadata["annotations"] = {{"k8s.io/initial-events-end", "true"}};
  const Json bookmark = {{"type", "BOOKMARK"},
                         {"object",
                          {{"kind", resource->kind},
                           {"apiVersion", ApiVersionOf(*resource)},
                           {"metadata", std::move(metadata)}}}};
  return Dump(bookmark) + "\n";
}

}  // namespace heat_scheduler::cluster
