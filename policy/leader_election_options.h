// How replicas elect a leader: kube-scheduler's defaults, but for the lease's name
// (docs/compatibility.md says why).
// Source: k8s.io/component-base config/v1alpha1, config/validation and client-go
// tools/leaderelection (NewLeaderElector), v0.36.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace heat_scheduler {

struct LeaderElectionOptions {
  bool leader_elect = true;
  // Others wait so long after the last renewal that they saw before they take the lease. Told to
  // them in whole seconds, rounded up.
  absl::Duration lease_duration = absl::Seconds(15);
  // The leader acts so long after its last renewal, and gives up when it tried in vain so long.
  absl::Duration renew_deadline = absl::Seconds(10);
  // Between two tries; those to take the lease wait up to kJitterFactor times that on top.
  absl::Duration retry_period = absl::Seconds(2);
  std::string resource_lock = "leases";  // The only one there is.
  std::string resource_name = "heat-scheduler";
  std::string resource_namespace = "kube-system";

  static constexpr double kJitterFactor = 1.2;
};

// What is wrong with an option, by its name in configuration ("leaseDuration").
struct LeaderElectionMistake {
  std::string option;
  std::string message;
};

// Returns everything that makes the options unfit for use. With leader_elect off nothing does.
std::vector<LeaderElectionMistake> FindMistakes(const LeaderElectionOptions& options);

}  // namespace heat_scheduler
