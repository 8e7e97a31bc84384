// "heat-scheduler extender": the HTTP extender alone, without an API server.
#pragma once

#include <functional>

#include "absl/status/statusor.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

// Adds the subcommand; if the command line has it, `run` becomes what it does.
void AddExtenderCommand(CLI::App& app, std::function<absl::StatusOr<int>()>& run);

}  // namespace heat_scheduler
