// "heat-scheduler config convert": a Policy v1 as a KubeSchedulerConfiguration.
#pragma once

#include <functional>

#include "absl/status/statusor.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

// Adds the subcommand; if the command line has it, `run` becomes what it does.
void AddConfigCommand(CLI::App& app, std::function<absl::StatusOr<int>()>& run);

}  // namespace heat_scheduler
