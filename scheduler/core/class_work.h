// Buffers of a ClassCache for the length of a call, shared by all caches: each has thousands of
// rows, and caches are many. Thread-compatible.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/core/refused_rows.h"
#include "scheduler/framework/grouping.h"
#include "scheduler/framework/verdict.h"
#include "scheduler/state/cluster_state.h"
#include "scheduler/state/inputs.h"

namespace heat_scheduler {

// Returns room for so many values in a buffer, all of them T{}; what it had before is lost.
template <typename T>
absl::Span<T> Fresh(std::vector<T>& buffer, std::size_t count) {
  if (buffer.size() < count) buffer.resize(count);
  std::fill_n(buffer.begin(), count, T{});
  return {buffer.data(), count};
}

struct ClassWork {
  // Rows that changed, those of them that pass, and what is found out of these.
  std::vector<NodeId> rows;
  std::vector<Inputs> what;    // Has changed of each.
  std::vector<NodeId> living;  // Of which anything may have changed; of those, who passes, and
                               // of with_rivals.
  std::vector<NodeId>
      standing;  // That passed, and changed in kRestless only; of those, who passes.
  std::vector<NodeId> with_rivals;  // To which others are nominated that these leave room for.
  std::vector<std::pair<NodeId, RefusedRows::Refusal>> refusals;
  std::vector<Verdict> verdicts;
  std::vector<std::int64_t> points;
  std::vector<double> ranks;
  std::vector<std::int64_t> values;
  std::vector<std::uint64_t> features;

  // The groups in the race, and those that a filter took out of it.
  std::vector<NodeGroup> race;
  std::vector<std::size_t> numbers;  // In NodeGroups.
  struct RefusedGroup {
    std::size_t number;  // In NodeGroups.
    std::size_t filter;  // Its place.
    Verdict verdict;
  };
  std::vector<RefusedGroup> refused_groups;
  // Rows that are left out of it for the pod's claims, and those that its filters look at.
  std::vector<NodeId> left_out;
  std::vector<NodeId> doubtful;
  std::vector<NodeId> any;
  std::vector<std::int64_t> totals;
};

}  // namespace heat_scheduler
