// The arguments of VolumeBinding. Source: k8s.io/kube-scheduler config/v1 VolumeBindingArgs
// (v0.36).
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"

namespace heat_scheduler {

struct VolumeBindingArgs {
  std::int64_t bind_timeout_seconds = 600;  // >= 0.
};

// Reads the arguments from JSON, an object or null. InvalidArgument for all mistakes at once:
// unknown keys, wrong types, a negative timeout, and `shape`, which only the feature gate
// StorageCapacityScoring (off) allows.
absl::StatusOr<VolumeBindingArgs> DecodeVolumeBindingArgs(const nlohmann::json& args);

}  // namespace heat_scheduler
