#include "plugins/defaults/dynamic_resources.h"

#include <algorithm>
#include <optional>

#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {

PreFilterResult DynamicResources::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  result.status.code = Code::kUnschedulableAndUnresolvable;
  if (cycle.facts().has_resource_claims) {
    result.status.reasons = {"pods with resource claims are not supported by this scheduler"};
  } else if (cycle.facts().in_pod_group) {
    result.status.reasons = {"pods of a pod group are not supported by this scheduler"};
  } else {
    result.status.code = Code::kSkip;
  }
  return result;
}

PostFilterResult DynamicResources::PostFilter(const Cycle& cycle, const Diagnosis& /*diagnosis*/,
                                              DryRuns& /*dry_runs*/) const {
  PostFilterResult result;
  if (cycle.state.PreFilterRan(this)) {
    result.status.code = Code::kUnschedulable;
    result.status.reasons = {"no new claims to deallocate"};
  } else {
    result.status.code = Code::kError;
    result.status.reasons = {"not found"};
  }
  return result;
}

void DynamicResources::Score(const Cycle& /*cycle*/, NodeSpan /*nodes*/,
                             absl::Span<std::int64_t> scores) const {
  std::fill(scores.begin(), scores.end(), kMinNodeScore);
}

absl::Status CheckDynamicResourcesArgs(const nlohmann::json& json) {
  std::optional<absl::Duration> filter_timeout;
  std::optional<absl::Duration> binding_timeout;
  ArgsReader reader(json, "DynamicResourcesArgs");
  reader.Read("filterTimeout", filter_timeout);
  reader.Read("bindingTimeout", binding_timeout);
  if (filter_timeout && *filter_timeout < absl::ZeroDuration()) {
    reader.Reject("filterTimeout", "must not be below 0");
  }
  if (binding_timeout && *binding_timeout < absl::Seconds(1)) {
    reader.Reject("bindingTimeout", "must be 1s or more");
  }
  return reader.Finish();
}

}  // namespace heat_scheduler
