// Looks at what would be if pods were taken off a node or put on it: what a PostFilter plugin asks
// with.
//
// The cluster state is the same afterwards, byte for byte, and no plugin's cycle data has changed:
// a dry run works on a copy. Set filters are no part of it. Thread-compatible.
// Source: pkg/scheduler/framework/runtime/framework.go (RunFilterPluginsWithNominatedPods), v1.36.
#pragma once

#include <memory>

#include "scheduler/framework/verdict.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

// One node under the hand. Ends, and puts everything back, on destruction.
class DryRun {
 public:
  virtual ~DryRun() = default;
  // Takes a pod off the node; it must count there.
  virtual void Remove(const PodRecord& pod) = 0;
  // Puts a pod on the node.
  virtual void Add(const PodRecord& pod) = 0;
  // Runs the filters on the node as it is now: with the pods that are nominated to it and at least
  // as important as the cycle's pod, and then without. Returns kSuccess, or the code and reasons of
  // the first filter that failed; kError if one failed to answer.
  virtual Status Filter() = 0;
  // Returns true if Filter would return kSuccess.
  virtual bool Passes() = 0;
};

// Starts dry runs for the pod of a cycle. One at a time.
class DryRuns {
 public:
  virtual ~DryRuns() = default;
  virtual std::unique_ptr<DryRun> On(NodeId node) = 0;
};

}  // namespace heat_scheduler
