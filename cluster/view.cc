#include "cluster/view.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "cluster/event_view.h"
#include "cluster/table.h"

namespace heat_scheduler::cluster {

bool View::is_plain() const { return form == Form::kDocument && !IsView(*resource); }

std::string View::Render(const DocumentRef& document) const {
  if (is_plain()) return *document->text();
  if (form == Form::kDocument) return Dump(ToView(*resource, document->json()));
  const Json metadata = {{"resourceVersion", absl::StrCat(document->resource_version())}};
  return RenderTable(Dump(metadata), {document});
}

std::string View::RenderTable(std::string metadata, const std::vector<DocumentRef>& rows) const {
  std::string text =
      absl::StrCat("{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":", metadata,
                   ",\"columnDefinitions\":", Dump(ColumnDefinitions(*resource)), ",\"rows\":[");
  const absl::Time now = clock->Now().wall;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) text += ',';
    Json row = CellsOf(*resource, rows[i]->json(), now);
    if (row_object == RowObject::kMetadata) {
      row["object"] = {{"kind", "PartialObjectMetadata"},
                       {"apiVersion", "meta.k8s.io/v1"},
                       {"metadata", ObjectAt(rows[i]->json(), {"metadata"})}};
    } else if (row_object == RowObject::kWhole) {
      row["object"] = ToView(*resource, rows[i]->json());
    }
    text += Dump(row);
  }
  text += "]}";
  return text;
}

std::string View::RenderList(const ObjectList& list) const {
  Json metadata = {{"resourceVersion", absl::StrCat(list.resource_version)}};
  if (!list.continue_token.empty()) metadata["continue"] = list.continue_token;
  if (list.remaining > 0) metadata["remainingItemCount"] = list.remaining;
  if (form == Form::kTable) return RenderTable(Dump(metadata), list.items);
  std::string text =
      absl::StrCat("{\"kind\":\"", ToAbsl(resource->kind), "List\",\"apiVersion\":\"",
                   ApiVersionOf(*resource), "\",\"metadata\":", Dump(metadata), ",\"items\":[");
  bool first = true;
  for (const DocumentRef& item : list.items) {
    if (!first) text += ',';
    first = false;
    text += is_plain() ? *item->text() : Render(item);
  }
  text += "]}";
  return text;
}

std::string View::RenderEvent(std::string_view type, const DocumentRef& document) const {
  return absl::StrCat("{\"type\":\"", ToAbsl(type), "\",\"object\":", Render(document), "}\n");
}

std::string View::RenderBookmark(std::int64_t resource_version, bool initial_events_end) const {
  Json metadata = {{"resourceVersion", absl::StrCat(resource_version)},
                   {"creationTimestamp", nullptr}};
  if (initial_events_end) metadata["annotations"] = {{"k8s.io/initial-events-end", "true"}};
  Json object = {{"kind", resource->kind},
                 {"apiVersion", ApiVersionOf(*resource)},
                 {"metadata", std::move(metadata)}};
  if (form == Form::kTable) {
    object["kind"] = "Table";
    object["apiVersion"] = "meta.k8s.io/v1";
    object["columnDefinitions"] = ColumnDefinitions(*resource);
    object["rows"] = Json::array();
  }
  const Json bookmark = {{"type", "BOOKMARK"}, {"object", std::move(object)}};
  return Dump(bookmark) + "\n";
}

}  // namespace heat_scheduler::cluster
