// One named check of /healthz, /livez or /readyz.
#pragma once

#include <string>

namespace heat_scheduler {

struct HealthCheck {
  std::string name;  // "informer-sync/pods"
  bool ok = true;
  std::string problem;  // Why it is not, in a sentence; empty if it is.
};

}  // namespace heat_scheduler
