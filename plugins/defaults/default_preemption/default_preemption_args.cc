#include "plugins/defaults/default_preemption/default_preemption_args.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {
namespace {

constexpr char kPercentage[] = "minCandidateNodesPercentage";
constexpr char kAbsolute[] = "minCandidateNodesAbsolute";

}  // namespace

std::size_t DefaultPreemptionArgs::WantedCandidates(std::size_t nodes) const {
  const std::size_t share = nodes * static_cast<std::size_t>(min_candidate_nodes_percentage) / 100;
  return std::min(nodes, std::max(share, static_cast<std::size_t>(min_candidate_nodes_absolute)));
}

absl::StatusOr<DefaultPreemptionArgs> DecodeDefaultPreemptionArgs(const nlohmann::json& json) {
  DefaultPreemptionArgs args;
  ArgsReader reader(json, "DefaultPreemptionArgs");
  reader.Read(kPercentage, args.min_candidate_nodes_percentage);
  reader.Read(kAbsolute, args.min_candidate_nodes_absolute);
  if (args.min_candidate_nodes_percentage < 0 || args.min_candidate_nodes_percentage > 100) {
    reader.Reject(kPercentage,
                  absl::StrCat("want 0 to 100, got ", args.min_candidate_nodes_percentage));
  }
  if (args.min_candidate_nodes_absolute < 0) {
    reader.Reject(kAbsolute,
                  absl::StrCat("want 0 or more, got ", args.min_candidate_nodes_absolute));
  }
  if (args.min_candidate_nodes_percentage == 0 && args.min_candidate_nodes_absolute == 0) {
    reader.Reject(kPercentage, absl::StrCat("must not be 0 together with ", kAbsolute));
  }
  RETURN_IF_ERROR(reader.Finish());
  return args;
}

}  // namespace heat_scheduler
