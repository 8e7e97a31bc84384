#include "cmd/heat-scheduler/node_temperatures.h"

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "plugins/heat/heat.h"
#include "plugins/heat/heat_args.h"
#include "plugins/heat/readings.h"

namespace heat_scheduler {

void ShowNodeTemperatures(const SchedulerConfig& config, const Scheduler& scheduler,
                          const Clock& clock, Metrics& metrics) {
  for (const ProfileConfig& profile : config.profiles) {
    const auto found = profile.plugin_config.find(std::string(kHeatName));
    if (found == profile.plugin_config.end()) continue;
    const absl::StatusOr<HeatArgs> args = DecodeHeatArgs(found->second);
    if (!args.ok()) continue;
    const auto readings = std::make_shared<Readings>(args->annotation, args->time_annotation);
    metrics.refresh[std::string(kHeatName)] = [readings, freshness = Freshness(args->stale_after),
                                               &scheduler, &clock, &metrics] {
      metrics.node_temperature.Clear();
      const ClusterState& cluster = scheduler.cluster();
      const absl::Time now = clock.Now().wall;
      for (const NodeId node : cluster.nodes()) {
        const Reading& reading = readings->Of(cluster, node);
        if (!reading.celsius.has_value() || !freshness.IsFresh(reading, now)) continue;
        metrics.node_temperature.Set({cluster.columns().name[node]}, *reading.celsius);
      }
    };
    return;
  }
}

}  // namespace heat_scheduler
