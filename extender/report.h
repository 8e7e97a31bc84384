// How one request to the extender was answered, for the log and metrics.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace heat_scheduler {

struct ExtenderReport {
  std::string_view verb;
  std::string_view profile;
  std::string pod;        // "default/web"; empty: it was not read.
  std::size_t nodes = 0;  // That were asked about.
  std::size_t kept = 0;   // By filter and preempt.
  int status = 200;
  std::string problem;      // Empty: it was decided.
  absl::Duration duration;  // From the request's turn to its answer.
};

}  // namespace heat_scheduler
