// A decision record as text for people, in the manner of `kubectl describe`.
//
// Made from the JSON document (docs/decision-record.md), wherever that came from: texts in it are
// made safe for a terminal. Pure functions.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {

enum class DecisionTextNodes {
  kFew,  // The best few nodes that fit, and a few names with each reason.
  kAll,
};

// Returns the text, with a newline at its end. InvalidArgument for what is no decision record.
absl::StatusOr<std::string> DecisionText(const nlohmann::ordered_json& document,
                                         DecisionTextNodes nodes);

}  // namespace heat_scheduler
