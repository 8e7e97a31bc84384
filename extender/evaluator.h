// Evaluates a profile for the requests of an extender: through the framework, with no scheduling
// logic of its own.
//
// Of a decision (scheduler/core/full_scan.h) an extender's caller asks one half at a time, about
// nodes of its choice, and chooses itself. Node order, which decides among equally cool nodes, is
// the order of the request. That a pod is nominated to a node is its caller's affair, too: the pods
// that are asked about should have no nominated node. A plugin that fails is an error, Internal, in
// the framework's words. Keeps its buffers from one request to the next. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "scheduler/core/filtering.h"
#include "scheduler/core/running_plugin.h"
#include "scheduler/core/scoring.h"
#include "scheduler/framework/profile.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

// What is asked about: living nodes of the cluster, each once, in the order of the request.
struct ExtenderQuestion {
  const Profile& profile;
  const ClusterState& cluster;
  const PodRecord& pod;
  Instant now;
  NodeSpan nodes;
};

// What became of the nodes, in the order of the request.
struct FilterOutcome {
  struct Failure {
    NodeId node = kNoNode;
    bool resolvable = true;  // Removing pods from the node might help.
    std::size_t reason = 0;  // Its place among `reasons`.
  };
  std::vector<NodeId> passed;
  std::vector<Failure> failed;
  std::vector<std::string> reasons;
};

class Evaluator {
 public:
  // Runs PreFilter, Filter and the set filters.
  absl::StatusOr<FilterOutcome> Filter(const ExtenderQuestion& question);

  // Runs PreFilter, PreScore and Score on all of the nodes, also those that a filter would refuse.
  // Returns a score for each, same order: the totals stretched to 0 to 10, half up, so that the
  // best node has 10 and the worst 0; all 0 if they are equal, or if PreFilter refuses the pod.
  absl::StatusOr<std::vector<std::int64_t>> Prioritize(const ExtenderQuestion& question);

  // Asks about one node: returns whether it passes PreFilter and Filter with those pods, which
  // count on it, taken off.
  absl::StatusOr<bool> FitsWithout(const ExtenderQuestion& question,
                                   const std::vector<const PodRecord*>& victims);

 private:
  absl::StatusOr<FilterOutcome> RunFilter(const ExtenderQuestion& question);
  absl::StatusOr<std::vector<std::int64_t>> RunPrioritize(const ExtenderQuestion& question);
  absl::StatusOr<bool> RunFitsWithout(const ExtenderQuestion& question,
                                      const std::vector<const PodRecord*>& victims);
  absl::Status ApplySetFilters(const ExtenderQuestion& question, const Cycle& cycle,
                               FilterOutcome& outcome);
  // The nodes in the cluster's own order.
  NodeSpan InNodeOrder(const ExtenderQuestion& question);

  Filtering filtering_;
  Scoring scoring_;
  RunningPlugin running_;
  std::vector<std::uint8_t> marked_;  // By row.
  std::vector<NodeId> ordered_;
  std::vector<std::uint8_t> keep_;
};

// Returns the scores of those totals: see Evaluator::Prioritize.
std::vector<std::int64_t> StretchToExtenderScores(absl::Span<const std::int64_t> totals);

}  // namespace heat_scheduler
