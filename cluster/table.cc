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

std::string HumanDuration(absl::Duration duration) {
  const std::int64_t seconds = absl::ToInt64Seconds(duration);
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = seconds / 3600;
  const std::int64_t days = hours / 24;
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return absl::StrCat(seconds, "s");
  // Two units while the larger one is small, then one.
  const auto two = [](std::int64_t large, const char* unit, std::int64_t small,
                      const char* small_unit) {
    return small == 0 ? absl::StrCat(large, unit) : absl::StrCat(large, unit, small, small_unit);
  };
  if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return absl::StrCat(minutes, "m");
  if (hours < 8) return two(hours, "h", minutes % 60, "m");
  if (hours < 48) return absl::StrCat(hours, "h");
  if (hours < 192) return two(days, "d", hours % 24, "h");
  if (days < 730) return absl::StrCat(days, "d");
  if (days < 2920) return two(days / 365, "y", days % 365, "d");
  return absl::StrCat(days / 365, "y");
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
