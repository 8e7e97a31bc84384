#include "plugins/defaults/volumes/volume_binding_args.h"

#include "base/status.h"
#include "nlohmann/json.hpp"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {

absl::StatusOr<VolumeBindingArgs> DecodeVolumeBindingArgs(const nlohmann::json& json) {
  VolumeBindingArgs args;
  ArgsReader reader(json, "VolumeBindingArgs");
  reader.Read("bindTimeoutSeconds", args.bind_timeout_seconds);
  if (args.bind_timeout_seconds < 0) {
    reader.Reject("bindTimeoutSeconds",
                  "invalid BindTimeoutSeconds, should not be a negative value");
  }
  if (reader.Take("shape") != nullptr) {
    reader.Reject("shape",
                  "unexpected field `shape`, remove it: the feature gate StorageCapacityScoring is "
                  "off");
  }
  RETURN_IF_ERROR(reader.Finish());
  return args;
}

}  // namespace heat_scheduler
