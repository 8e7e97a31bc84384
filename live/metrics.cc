#include "live/metrics.h"

#include "live/process_stats.h"
#include "live/version.h"

namespace heat_scheduler {

Metrics::Metrics() { build_info.Set({std::string(kVersion), std::string(kCompiler)}, 1); }

std::string Metrics::Text() const { return registry.Text() + ProcessStatsText(); }

}  // namespace heat_scheduler
