// The metric heat_scheduler_node_temperature_celsius: what Heat goes by, for dashboards.
#pragma once

#include "base/clock.h"
#include "live/metrics.h"
#include "policy/scheduler_config.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler {

// Has the metrics show, each time that they are asked for, the reading of each living node, by the
// annotations and the age that the first profile with Heat names; stale and malformed ones are left
// out. Without such a profile there are none. Borrows all but the configuration; the metrics are
// not asked for after the others have gone.
void ShowNodeTemperatures(const SchedulerConfig& config, const Scheduler& scheduler,
                          const Clock& clock, Metrics& metrics);

}  // namespace heat_scheduler
