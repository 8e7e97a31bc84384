// The flags -v and --logging-format.
#pragma once

#include "live/log.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

// Adds the flags, which set `options` and show its values as their defaults.
void AddLogFlags(CLI::App& app, LogOptions& options);

}  // namespace heat_scheduler
