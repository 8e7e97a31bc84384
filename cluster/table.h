// Tables as the server draws them for `kubectl get`: columns and cells by kind.
//
// Source: kubernetes v1.36 pkg/printers/internalversion/printers.go (columns and cells);
// k8s.io/apimachinery pkg/apis/meta/v1 (Table), pkg/util/duration. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "cluster/json.h"
#include "cluster/kinds.h"

namespace heat_scheduler::cluster {

struct Column {
  std::string_view name;
  // Shown only by `-o wide`.
  bool wide = false;
  std::string (*cell)(const Json& object, absl::Time now) = nullptr;
};

// Returns the columns of a resource; NAME and AGE for those without columns of their own.
const std::vector<Column>& ColumnsOf(const ResourceInfo& resource);

// Returns "columnDefinitions" of a Table.
Json ColumnDefinitions(const ResourceInfo& resource);

// Returns one of the "rows", without its object. `stored` is the object as it is kept.
Json CellsOf(const ResourceInfo& resource, const Json& stored, absl::Time now);

// Returns the age since the RFC 3339 time in `text`, "<unknown>" if there is none.
std::string AgeSince(std::string_view text, absl::Time now);

// Cells that every kind has: its name, and its age by creationTimestamp.
std::string NameCell(const Json& object, absl::Time now);
std::string AgeCell(const Json& object, absl::Time now);

// The columns of single kinds.
std::vector<Column> PodColumns();
std::vector<Column> NodeColumns();
std::vector<Column> EventColumns();
std::vector<Column> NamespaceColumns();
std::vector<Column> DeploymentColumns();
std::vector<Column> PersistentVolumeColumns();
std::vector<Column> PersistentVolumeClaimColumns();
std::vector<Column> StorageClassColumns();

}  // namespace heat_scheduler::cluster
