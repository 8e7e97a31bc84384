#include "scheduler/core/post_filters.h"

#include <memory>
#include <string>
#include <utility>

#include "scheduler/core/node_filters.h"

namespace heat_scheduler {

PostFilterResult RunPostFilters(const Profile& profile, const Cycle& cycle,
                                const Diagnosis& diagnosis, RunningPlugin& running) {
  const std::unique_ptr<DryRuns> dry_runs = MakeDryRuns(profile, cycle, running);
  PostFilterResult joined;
  joined.status.code = Code::kUnschedulable;
  for (const auto& entry : profile.post_filter()) {
    running = {entry.plugin, "PostFilter"};
    PostFilterResult result = entry.point->PostFilter(cycle, diagnosis, *dry_runs);
    result.status.plugin = std::string(entry.plugin->name());
    joined.sought_victims = result.sought_victims = joined.sought_victims || result.sought_victims;
    switch (result.status.code) {
      case Code::kSuccess:
      case Code::kUnschedulableAndUnresolvable:
        return result;
      case Code::kUnschedulable:
        break;
      default:
        joined.status = {Code::kError, {result.status.Message()}, result.status.plugin};
        joined.nominated_node_name.reset();
        return joined;
    }
    if (joined.status.plugin.empty()) joined.status.plugin = result.status.plugin;
    for (std::string& reason : result.status.reasons) {
      joined.status.reasons.push_back(std::move(reason));
    }
    if (result.nominated_node_name.has_value()) {
      joined.nominated_node_name = std::move(result.nominated_node_name);
    }
  }
  return joined;
}

}  // namespace heat_scheduler
