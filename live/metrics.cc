#include "live/metrics.h"

#include "live/process_stats.h"
#include "live/version.h"

namespace heat_scheduler {

Metrics::Metrics() { build_info.Set({std::string(kVersion), std::string(kCompiler)}, 1); }

// component-base metrics/prometheus/restclient, v0.36: 64 bytes to 16 MiB.
const std::vector<double> Metrics::kSizeBounds = {64,    256,    512,     1024,    4096,    16384,
                                                  65536, 262144, 1048576, 4194304, 16777216};

std::string Metrics::Text() {
  for (const auto& [owner, look_up] : refresh) look_up();
  return registry.Text() + ProcessStatsText();
}

}  // namespace heat_scheduler
