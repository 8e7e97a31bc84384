// Lists of placements: a line "<namespace>/<pod> <node>" for each decision, "-" for no node.
//
// Another scheduler's list can be followed: each of its placements is checked to be one of the
// best, and taken, so that both go on from the same state.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler {

// Returns the line of an attempt, with its end.
std::string PlacementLine(const Attempt& attempt);

class PlacementFollower {
 public:
  // Reads a file. Returns an error that names it and the line for one that is no placement.
  static absl::StatusOr<PlacementFollower> Load(const std::string& path);

  // Returns where the list puts a pod that comes before the measured ones; empty: it has no line.
  // For WorkloadRun::set_placed_before.
  std::string PlaceBefore(const kube::Pod& pod);

  // Returns the next node of the list, for WorkloadRun::set_placer of a machine that keeps the
  // best. Checks what is `measured`. Returns OutOfRange at the end of the list, and an error for a
  // line about another pod, or if only one of the two found a node.
  absl::StatusOr<std::string> Place(const Attempt& attempt, bool measured);

  // Decisions that were checked, and what differed, one line each.
  std::int64_t checked() const { return checked_; }
  const std::vector<std::string>& differences() const { return differences_; }

 private:
  struct Line {
    std::string pod;
    std::string node;  // Empty: none.
  };
  std::vector<Line> lines_;
  std::size_t next_ = 0;
  std::int64_t checked_ = 0;
  std::vector<std::string> differences_;
};

}  // namespace heat_scheduler
