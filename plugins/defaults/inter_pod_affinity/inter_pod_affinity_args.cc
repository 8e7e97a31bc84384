#include "plugins/defaults/inter_pod_affinity/inter_pod_affinity_args.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "nlohmann/json.hpp"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {

absl::StatusOr<InterPodAffinityArgs> DecodeInterPodAffinityArgs(const nlohmann::json& json) {
  InterPodAffinityArgs args;
  ArgsReader reader(json, "InterPodAffinityArgs");
  reader.Read("hardPodAffinityWeight", args.hard_pod_affinity_weight);
  reader.Read("ignorePreferredTermsOfExistingPods", args.ignore_preferred_terms_of_existing_pods);
  if (args.hard_pod_affinity_weight < 0 || args.hard_pod_affinity_weight > 100) {
    reader.Reject("hardPodAffinityWeight",
                  absl::StrCat("want 0 to 100, got ", args.hard_pod_affinity_weight));
  }
  RETURN_IF_ERROR(reader.Finish());
  return args;
}

}  // namespace heat_scheduler
