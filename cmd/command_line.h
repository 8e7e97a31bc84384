// What the programs have in common from their command line to their exit code.
#pragma once

#include <functional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace heat_scheduler {

// Parses the arguments into what the options of `app` are bound to, calls `run` and returns the
// exit code: what `run` returns, 1 if that is an error, which goes to standard error behind the
// app's name, 2 if the arguments are wrong, 0 where they ask for help or the version alone.
int ParseAndRun(CLI::App& app, int argc, const char* const* argv,
                const std::function<absl::StatusOr<int>()>& run);

// Returns the value of an environment variable, empty if it is not set.
std::string Environment(const char* name);

// Adds a flag that takes a duration in Go's form ("1m30s"), shows `value` as its default and sets
// it.
void AddDurationFlag(CLI::App& app, const std::string& flag, absl::Duration& value,
                     const std::string& help);

}  // namespace heat_scheduler
