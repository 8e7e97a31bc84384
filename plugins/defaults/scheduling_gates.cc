#include "plugins/defaults/scheduling_gates.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace heat_scheduler {

Status SchedulingGates::PreEnqueue(const PodRecord& pod) const {
  Status status;
  if (pod.facts.scheduling_gates.empty()) return status;
  status.code = Code::kUnschedulableAndUnresolvable;
  status.reasons.push_back(absl::StrCat("waiting for scheduling gates: [",
                                        absl::StrJoin(pod.facts.scheduling_gates, " "), "]"));
  return status;
}

}  // namespace heat_scheduler
