#include "scheduler/framework/diagnosis.h"

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace {

// Returns how many nodes each reason holds for. A reason is put into words once for all the nodes
// that got the same verdict.
std::map<std::string, std::size_t> CountReasons(const Cycle& cycle, const Diagnosis& diagnosis) {
  std::map<std::string, std::size_t> reasons;
  for (const RejectionCount& count : diagnosis.rejections.Counts()) {
    if (count.filter == nullptr) {
      reasons[diagnosis.narrowed_reason] += count.nodes;
    } else if (count.reasons != nullptr) {
      for (const std::string& reason : *count.reasons) reasons[reason] += count.nodes;
    } else {
      for (std::string& reason : ReasonsOf(*count.filter, cycle, count.verdict)) {
        reasons[std::move(reason)] += count.nodes;
      }
    }
  }
  return reasons;
}

}  // namespace

void AddRejecting(const Plugin* plugin, Inputs inputs, Diagnosis& diagnosis) {
  auto& plugins = diagnosis.rejecting_plugins;
  if (std::find(plugins.begin(), plugins.end(), plugin) == plugins.end()) plugins.push_back(plugin);
  diagnosis.wake_inputs = diagnosis.wake_inputs | inputs;
}

std::vector<std::string> ReasonsOf(const Profile::Entry<FilterPlugin>& filter, const Cycle& cycle,
                                   const Verdict& verdict) {
  const std::string name(filter.plugin->name());
  try {
    return filter.point->Reasons(cycle, verdict);
  } catch (const std::exception& error) {
    return {absl::StrCat("plugin \"", name, "\" failed to say why: ", error.what())};
  } catch (...) {
    return {absl::StrCat("plugin \"", name, "\" failed to say why")};
  }
}

std::string FitErrorMessage(std::size_t node_count,
                            const std::map<std::string, std::size_t>& nodes_by_reason) {
  std::vector<std::string> lines;
  for (const auto& [reason, count] : nodes_by_reason) {
    lines.push_back(absl::StrCat(count, " ", reason));
  }
  std::sort(lines.begin(), lines.end());
  std::string message = absl::StrCat("0/", node_count, " nodes are available:");
  if (!lines.empty()) absl::StrAppend(&message, " ", absl::StrJoin(lines, ", "), ".");
  return message;
}

std::string FitErrorMessage(const Cycle& cycle, const Diagnosis& diagnosis,
                            std::string_view post_filter_message) {
  if (diagnosis.node_count == 0) return "no nodes available to schedule pods";
  std::string message;
  if (diagnosis.pre_filter.ok()) {
    message = FitErrorMessage(diagnosis.node_count, CountReasons(cycle, diagnosis));
  } else {
    message = FitErrorMessage(diagnosis.node_count, {});
    const std::string refusal = diagnosis.pre_filter.Message();
    if (!refusal.empty()) absl::StrAppend(&message, " ", refusal, ".");
  }
  if (!post_filter_message.empty()) absl::StrAppend(&message, " ", ToAbsl(post_filter_message));
  return message;
}

}  // namespace heat_scheduler
