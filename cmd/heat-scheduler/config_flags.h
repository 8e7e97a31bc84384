// Where the configuration comes from: --config, a Policy v1 of before 1.23 in a file or a
// ConfigMap, or none of these; and --validate-config and --write-config-to.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/scheduler_config.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

// The key of a ConfigMap under which a policy is.
inline constexpr char kPolicyKey[] = "policy.cfg";

struct ConfigFlags {
  std::string config = {};              // Path of a KubeSchedulerConfiguration; empty: none.
  std::string policy_config_file = {};  // Path of a policy; empty: none.
  std::string policy_configmap = {};    // Name of a ConfigMap with one; empty: none.
  std::string policy_configmap_namespace = "kube-system";
  std::string scheduler_name = {};  // Of the one profile, without --config; empty: as is.
  bool validate_config = false;
  std::string write_config_to = {};  // Path; empty: nowhere.
};

// Adds the flags, which set `flags`.
void AddConfigFlags(CLI::App& app, ConfigFlags& flags);

// Adds --policy-config-file, --policy-configmap, --policy-configmap-namespace and --scheduler-name,
// of kube-scheduler up to 1.22. Call after AddConfigFlags.
void AddPolicyFlags(CLI::App& app, ConfigFlags& flags);

// Returns what the configuration is called in messages: the file, "configmap kube-system/name", or
// nothing if there is none.
std::string ConfigSource(const ConfigFlags& flags);

// Returns the text of the file of --config or --policy-config-file; empty if there is none.
absl::StatusOr<std::string> ReadConfigFile(const ConfigFlags& flags);

// Returns the configuration that the text of the source, file or ConfigMap, says, or what holds
// without a source. An error has all that is wrong with the text, one mistake a line. What of a
// policy is left out goes to `warnings`, unless that is null.
absl::StatusOr<LoadedConfig> ParseConfig(const ConfigFlags& flags, const std::string& text,
                                         std::vector<std::string>* warnings);

// Returns the configuration of the file, or what holds without one: ParseConfig of ReadConfigFile.
absl::StatusOr<LoadedConfig> LoadConfig(const ConfigFlags& flags);

// Does what --validate-config and --write-config-to ask. Returns true if they were given: the
// program has done its work then.
absl::StatusOr<bool> ValidateOrWrite(const ConfigFlags& flags, const SchedulerConfig& config);

}  // namespace heat_scheduler
