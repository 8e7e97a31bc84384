// How a client sees objects: which resource's form, and whether as documents or as a Table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cluster/document.h"
#include "cluster/kinds.h"
#include "cluster/list.h"

namespace heat_scheduler::cluster {

struct View {
  enum class Form { kDocument, kTable };
  // What a row of a table carries of its object.
  enum class RowObject { kNone, kMetadata, kWhole };

  const ResourceInfo* resource = nullptr;  // As asked for.
  Form form = Form::kDocument;
  RowObject row_object = RowObject::kMetadata;
  const Clock* clock = nullptr;  // Tells ages in tables.

  // Returns one object as the body of a response.
  std::string Render(const DocumentRef& document) const;

  // Returns a list as the body of a response.
  std::string RenderList(const ObjectList& list) const;

  // Returns one line of a watch: `type` is "ADDED", "MODIFIED" or "DELETED".
  std::string RenderEvent(std::string_view type, const DocumentRef& document) const;

  // Returns the line of a bookmark.
  std::string RenderBookmark(std::int64_t resource_version, bool initial_events_end) const;

  // Returns true if stored text serves as it is.
  bool is_plain() const;

 private:
  std::string RenderTable(std::string metadata, const std::vector<DocumentRef>& rows) const;
};

}  // namespace heat_scheduler::cluster
