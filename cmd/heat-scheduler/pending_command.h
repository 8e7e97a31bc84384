// "heat-scheduler pending": the pods that a running scheduler has in its queue, as a table.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

// Adds the subcommand; if the command line has it, `run` becomes what it does.
void AddPendingCommand(CLI::App& app, std::function<absl::StatusOr<int>()>& run);

// Returns the table of the document of /pending, with the messages if `wide`; InvalidArgument if it
// is no such document.
absl::StatusOr<std::string> PendingTable(const std::string& document, bool wide);

}  // namespace heat_scheduler
