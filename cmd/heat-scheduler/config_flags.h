// The flags --config, --validate-config and --write-config-to, and what they ask for.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "policy/scheduler_config.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

struct ConfigFlags {
  std::string config = {};  // Path of a KubeSchedulerConfiguration; empty: none.
  bool validate_config = false;
  std::string write_config_to = {};  // Path; empty: nowhere.
};

// Adds the flags, which set `flags`.
void AddConfigFlags(CLI::App& app, ConfigFlags& flags);

// Returns the configuration of the file, or what holds without one. An error has all that is wrong
// with the file, one mistake a line.
absl::StatusOr<LoadedConfig> LoadConfig(const ConfigFlags& flags);

// Does what --validate-config and --write-config-to ask. Returns true if they were given: the
// program has done its work then.
absl::StatusOr<bool> ValidateOrWrite(const ConfigFlags& flags, const SchedulerConfig& config);

}  // namespace heat_scheduler
