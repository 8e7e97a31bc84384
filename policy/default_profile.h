// The profile that runs without configuration: kube-scheduler's defaults and Heat in mode Coolest,
// for pods with schedulerName heat-scheduler.
#pragma once

#include "absl/status/statusor.h"
#include "scheduler/framework/profile.h"

namespace heat_scheduler {

inline constexpr char kDefaultSchedulerName[] = "heat-scheduler";

// Returns the default profile. Fails only if the list of plugins is at odds with itself.
absl::StatusOr<Profile> DefaultProfile();

}  // namespace heat_scheduler
