#include "scheduler/framework/diagnosis.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace {

// Returns how many nodes each reason holds for. A reason is put into words once for all the nodes
// that got the same verdict.
std::map<std::string, std::size_t> CountReasons(const Cycle& cycle, const Diagnosis& diagnosis) {
  std::map<std::tuple<const Profile::Entry<FilterPlugin>*, Code, std::uint64_t>, std::size_t> alike;
  for (const NodeRejection& rejection : diagnosis.rejections) {
    ++alike[{rejection.filter, rejection.verdict.code, rejection.verdict.detail}];
  }
  std::map<std::string, std::size_t> reasons;
  for (const auto& [key, count] : alike) {
    const auto& [filter, code, detail] = key;
    if (filter == nullptr) {
      reasons[diagnosis.narrowed_reason] += count;
      continue;
    }
    for (std::string& reason : filter->point->Reasons(cycle, {code, detail})) {
      reasons[std::move(reason)] += count;
    }
  }
  return reasons;
}

}  // namespace

std::string FitErrorMessage(const Cycle& cycle, const Diagnosis& diagnosis,
                            std::string_view post_filter_message) {
  if (diagnosis.node_count == 0) return "no nodes available to schedule pods";
  std::string message = absl::StrCat("0/", diagnosis.node_count, " nodes are available:");
  if (!diagnosis.pre_filter.ok()) {
    const std::string refused = diagnosis.pre_filter.Message();
    if (!refused.empty()) absl::StrAppend(&message, " ", refused, ".");
  } else {
    std::vector<std::string> lines;
    for (const auto& [reason, count] : CountReasons(cycle, diagnosis)) {
      lines.push_back(absl::StrCat(count, " ", reason));
    }
    std::sort(lines.begin(), lines.end());
    if (!lines.empty()) absl::StrAppend(&message, " ", absl::StrJoin(lines, ", "), ".");
  }
  if (!post_filter_message.empty()) absl::StrAppend(&message, " ", ToAbsl(post_filter_message));
  return message;
}

}  // namespace heat_scheduler
