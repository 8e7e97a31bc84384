// Parses a command line as heat-scheduler's main does, for tests of its groups of flags.
#pragma once

#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace heat_scheduler {

// Returns what is wrong with the arguments, or nothing, and sets the options: `add_flags` is the
// function that declares flags for them.
template <typename Options>
std::string ParseFlags(void (*add_flags)(CLI::App&, Options&), std::vector<const char*> arguments,
                       Options& options) {
  CLI::App app("Schedules.", "heat-scheduler");
  add_flags(app, options);
  arguments.insert(arguments.begin(), "heat-scheduler");
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return "";
}

}  // namespace heat_scheduler
