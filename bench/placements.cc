#include "bench/placements.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file_reader.h"
#include "base/status.h"

namespace heat_scheduler {
namespace {

// A list of a million placements is smaller.
constexpr std::size_t kMaxListBytes = std::size_t{256} << 20;

}  // namespace

std::string PlacementLine(const Attempt& attempt) {
  return absl::StrCat(attempt.pod.namespace_, "/", attempt.pod.name, " ",
                      attempt.node.empty() ? "-" : attempt.node, "\n");
}

absl::StatusOr<PlacementFollower> PlacementFollower::Load(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFileUpTo(path, kMaxListBytes));
  PlacementFollower follower;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.size() != 2 || words[1].empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": want \"<namespace>/<pod> <node>\", got \"", line, "\""));
    }
    follower.lines_.push_back({words[0], words[1] == "-" ? "" : words[1]});
  }
  return follower;
}

std::string PlacementFollower::PlaceBefore(const kube::Pod& pod) {
  const bool is_next = next_ < lines_.size() && lines_[next_].pod == kube::KeyOf(pod.metadata);
  return is_next ? lines_[next_++].node : "";
}

absl::StatusOr<std::string> PlacementFollower::Place(const Attempt& attempt, bool measured) {
  const std::string pod = absl::StrCat(attempt.pod.namespace_, "/", attempt.pod.name);
  if (!measured) {
    if (attempt.node.empty()) return std::string();
    return absl::FailedPreconditionError(
        absl::StrCat(pod, ": is not on the list where it comes, here on ", attempt.node));
  }
  if (next_ == lines_.size()) return absl::OutOfRangeError("the list ends here");
  const Line& line = lines_[next_++];
  if (line.pod != pod) {
    return absl::FailedPreconditionError(
        absl::StrCat("line ", next_, " is about ", line.pod, ", here it is the turn of ", pod));
  }
  ++checked_;
  if (attempt.node.empty() && line.node.empty()) return std::string();
  if (attempt.node.empty() != line.node.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(pod, ": is on ", line.node.empty() ? "no node" : line.node, ", here on ",
                     attempt.node.empty() ? "none: " + attempt.message : attempt.node));
  }
  const auto& best = attempt.best;
  if (std::find(best.begin(), best.end(), line.node) == best.end()) {
    differences_.push_back(absl::StrCat(pod, ": ", line.node, " is none of the ", best.size(),
                                        " best nodes, one of which is ", attempt.node));
  }
  return line.node;
}

}  // namespace heat_scheduler
