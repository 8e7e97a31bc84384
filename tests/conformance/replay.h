// Replays a case of the corpus: feeds its cluster and events to a cluster state, decides each of
// its steps by a selector, and compares everything that kube-scheduler said.
//
// Our answer to a step is put into the corpus's own form (answer.h); the two are then compared
// field by field. Nothing in here knows a case or a plugin by name.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "scheduler/core/selection.h"

namespace heat_scheduler {

// Where our answer differs from kube-scheduler's.
struct Difference {
  int step = 0;       // From 1.
  std::string pod;    // "namespace/name".
  std::string where;  // "scores/NodeResourcesFit/n3": the field, plugin and node.
  std::string expected;
  std::string got;
};

struct CaseReport {
  std::string family;
  std::string name;
  std::size_t steps = 0;
  std::size_t agreed = 0;               // Steps without any difference.
  std::vector<Difference> differences;  // In the order of the steps; all of each step.
  // The decision record of ReplayOptions::explain, or of the first step that differs; null: none.
  nlohmann::ordered_json record;
};

struct ReplayOptions {
  SelectorKind selector = SelectorKind::kFullScan;
  std::optional<std::size_t> explain = std::nullopt;  // A step, from 1.
};

// Replays a case. What kube-scheduler said of nodes and scores is compared with the record that
// FullScan keeps; with kIncremental that decides besides, and has to say the same. InvalidArgument
// for a case that is not in the corpus's form: a missing field, an object that cannot be decoded, a
// profile that cannot be built.
absl::StatusOr<CaseReport> ReplayCase(const nlohmann::json& test_case,
                                      const ReplayOptions& options = {});

}  // namespace heat_scheduler
