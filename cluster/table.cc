#include "cluster/table.h"

#include <cstdint>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/strings.h"
#include "base/time_text.h"

namespace heat_scheduler::cluster {
namespace {

std::vector<std::vector<Column>> MakeColumns() {
  std::vector<std::vector<Column>> columns;
  for (const ResourceInfo& row : Resources()) {
    if (&row == &PodResource()) {
      columns.push_back(PodColumns());
    } else if (&row == &NodeResource()) {
      columns.push_back(NodeColumns());
    } else if (&row == &NamespaceResource()) {
      columns.push_back(NamespaceColumns());
    } else if (row.kind == "Event") {
      columns.push_back(EventColumns());
    } else if (row.kind == "Deployment") {
      columns.push_back(DeploymentColumns());
    } else if (&row == &PersistentVolumeResource()) {
      columns.push_back(PersistentVolumeColumns());
    } else if (&row == &PersistentVolumeClaimResource()) {
      columns.push_back(PersistentVolumeClaimColumns());
    } else if (&row == &StorageClassResource()) {
      columns.push_back(StorageClassColumns());
    } else {
      columns.push_back({{"Name", false, NameCell}, {"Age", false, AgeCell}});
    }
  }
  return columns;
}

}  // namespace

const std::vector<Column>& ColumnsOf(const ResourceInfo& resource) {
  static const auto& columns = *new std::vector<std::vector<Column>>(MakeColumns());
  return columns[static_cast<std::size_t>(&resource - Resources().data())];
}

Json ColumnDefinitions(const ResourceInfo& resource) {
  Json definitions = Json::array();
  for (const Column& column : ColumnsOf(resource)) {
    definitions.push_back({{"name", column.name},
                           {"type", "string"},
                           {"format", column.name == "Name" ? "name" : ""},
                           {"description", ""},
                           {"priority", column.wide ? 1 : 0}});
  }
  return definitions;
}

Json CellsOf(const ResourceInfo& resource, const Json& stored, absl::Time now) {
  Json cells = Json::array();
  for (const Column& column : ColumnsOf(resource)) cells.push_back(column.cell(stored, now));
  return {{"cells", std::move(cells)}};
}

std::string NameCell(const Json& object, absl::Time) {
  return std::string(TextAt(object, {"metadata", "name"}));
}

std::string AgeCell(const Json& object, absl::Time now) {
  return AgeSince(TextAt(object, {"metadata", "creationTimestamp"}), now);
}

std::string AgeSince(std::string_view text, absl::Time now) {
  const std::optional<absl::Time> then = ParseRfc3339(text);
  return then.has_value() ? HumanDuration(now - *then) : "<unknown>";
}

}  // namespace heat_scheduler::cluster
