// KubeSchedulerConfiguration v1: from a file to options and profiles, and back.
//
// Reading is strict: unknown keys, keys given twice, wrong types and values out of range are
// mistakes, each with its path, and all are reported at once, one a line:
// "conf.yaml: profiles[0].plugins.filter.enabled[1].name: there is no plugin ...". What the
// file leaves out has kube-scheduler's defaults, but for what docs/compatibility.md lists. The
// written form has every default filled in; reading it gives the same configuration, and writing
// that the same bytes. Pure functions. Source: k8s.io/kube-scheduler/config/v1/types.go;
// pkg/scheduler/apis/config/v1/defaults.go, validation/validation.go, v1.36.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "policy/leader_election_options.h"
#include "policy/profile_config.h"
#include "scheduler/framework/extender.h"
#include "scheduler/framework/profile.h"

namespace heat_scheduler {

inline constexpr std::string_view kConfigKind = "KubeSchedulerConfiguration";

struct ClientConnectionOptions {
  std::string kubeconfig;  // Path of a file; empty: as a pod's service account says.
  std::string accept_content_types;
  std::string content_type = "application/json";
  double qps = 0;  // 0: no limit.
  std::int32_t burst = 0;
};

struct SchedulerConfig {
  std::int32_t parallelism = 16;
  std::int32_t percentage_of_nodes_to_score = 0;  // Of profiles that state none; 0: all nodes.
  std::int64_t pod_initial_backoff_seconds = 1;
  std::int64_t pod_max_backoff_seconds = 10;
  bool delay_cache_until_active = false;
  bool enable_profiling = true;
  bool enable_contention_profiling = true;
  ClientConnectionOptions client_connection;
  LeaderElectionOptions leader_election;
  std::vector<ProfileConfig> profiles;  // At least one.
  std::vector<ExtenderConfig> extenders;
};

// A configuration and the profiles that it describes, in its order.
struct LoadedConfig {
  SchedulerConfig config;
  std::vector<Profile> profiles;
};

// Reads a file's text, YAML or JSON, of one document. `source` names it in messages. Returns
// InvalidArgument.
absl::StatusOr<LoadedConfig> ParseSchedulerConfig(std::string_view text, std::string_view source);

// Returns the status with the name of what was read in front of each mistake, one a line.
absl::Status AtSource(const absl::Status& status, std::string_view source);

// Returns what holds without a file: the default profile, under that name if it is given one. Fails
// only if the list of plugins is at odds with itself.
absl::StatusOr<LoadedConfig> DefaultSchedulerConfig(std::string_view scheduler_name = {});

// Builds the profile of that name once more, with plugins of its own. Returns NotFound if the
// configuration has none.
absl::StatusOr<Profile> MakeProfile(const SchedulerConfig& config, std::string_view scheduler_name);

// Returns the configuration as YAML.
std::string WriteSchedulerConfig(const SchedulerConfig& config);

}  // namespace heat_scheduler
