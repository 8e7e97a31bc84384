// The arguments of the plugin Heat, as in `pluginConfig[].args` of a KubeSchedulerConfiguration.
//
// docs/plugins/heat.md has the table for users.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "nlohmann/json_fwd.hpp"

namespace heat_scheduler {

enum class HeatMode {
  kCoolest,  // Only the coolest node stays.
  kScore,    // The cooler, the more points.
};

struct HeatArgs {
  std::string annotation = "nerdalize/temp";            // annotation
  std::string time_annotation = "nerdalize/temp-time";  // timeAnnotation
  HeatMode mode = HeatMode::kCoolest;                   // mode
  double cold_celsius = 20;                             // coldCelsius
  double hot_celsius = 80;                              // hotCelsius
  std::optional<double> hot_limit_celsius;              // hotLimitCelsius; absent: no limit.
  std::optional<absl::Duration> stale_after;            // staleAfter; absent: readings never age.
};

// Returns the arguments of a JSON object, or the defaults of null. Returns InvalidArgument with all
// mistakes: unknown keys, wrong types, annotations that are no annotation keys or are the same, an
// unknown mode, temperatures outside the range of readings, coldCelsius not below hotCelsius, a
// staleAfter that is not positive.
absl::StatusOr<HeatArgs> DecodeHeatArgs(const nlohmann::json& args);

}  // namespace heat_scheduler
