// Makes a decision again with everything that was said, as the JSON document that
// docs/decision-record.md describes.
//
// By FullScan, whatever made it the first time: the two agree. Nodes are in node order (by name),
// plugins of a node in the order of the profile, reasons sorted. Changes nothing; equal questions
// give equal documents, byte for byte.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "nlohmann/json.hpp"
#include "scheduler/core/selection.h"
#include "scheduler/framework/profile.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

// All that a decision depends on.
struct Question {
  const Profile& profile;
  const ClusterState& cluster;
  const PodRecord& pod;
  Instant now;
  std::uint64_t decision_number = 0;
  std::uint64_t chance = 0;  // Cycle::chance.
  TieRule tie_rule = TieRule::kRotate;
  std::uint64_t seed = 0;
  std::size_t search_start = 0;
};

// Returns the document. A plugin that fails is part of it.
nlohmann::ordered_json Explain(const Question& question);

}  // namespace heat_scheduler
