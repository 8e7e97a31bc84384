// Reads the metrics text as strictly as a scraper would, so that tests see what Prometheus sees.
//
// Source: the text exposition format 0.0.4. Pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace heat_scheduler {

struct ParsedFamily {
  std::string type;
  std::vector<std::pair<std::string, double>> samples;  // "name{labels}" and value, in order.
};

// Returns the families by name, or InvalidArgument that names the line.
absl::StatusOr<std::map<std::string, ParsedFamily>> ParseExposition(std::string_view text);

}  // namespace heat_scheduler
