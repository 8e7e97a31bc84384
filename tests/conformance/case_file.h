// The files of a corpus of kube-scheduler's decisions: which there are, and what is in one.
//
// A case is one JSON file, plain or compressed by gzip: a cluster, then steps, each of which asks
// about a pod and says what kube-scheduler answered. corpus/README.md has the format.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {

// Returns the case files (*.json, *.json.gz) at or below each path, in the order of their paths.
// NotFound for a path that is not there or has none.
absl::StatusOr<std::vector<std::string>> FindCases(const std::vector<std::string>& paths);

// Reads one case. InvalidArgument, naming the file, for what is no JSON object.
absl::StatusOr<nlohmann::json> ReadCase(const std::string& path);

}  // namespace heat_scheduler
