// `heat-scheduler explain pod/x`: shows what a running scheduler decided about a pod, and why.
#pragma once

#include <functional>

#include "absl/status/statusor.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

// Adds the subcommand; if the command line has it, `run` becomes what it does.
void AddExplainCommand(CLI::App& app, std::function<absl::StatusOr<int>()>& run);

}  // namespace heat_scheduler
