// Plugins that look beyond a node, but treat whole groups of nodes alike.
//
// What such a plugin says of a node follows from a few numbers about the node, its features (in
// which domain it is, how many pods of some kind are on it), and from what the plugin counts over
// all nodes. So a selection can group nodes by their features and ask once for each group. The
// plugin keeps its counts in a memory, one for all pods of equal class and traits, which is told of
// the rows that changed and corrects the domains that they touch.
//
// What a memory answers is what the plugin's PreFilter, Filter, PreScore, Score and NormalizeScore
// come to for such a pod, if it has no claims, names no node, and nobody is nominated to any.
// Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/types/span.h"
#include "scheduler/framework/verdict.h"
#include "scheduler/state/cluster_state.h"
#include "scheduler/state/inputs.h"

namespace heat_scheduler {

// Nodes with equal features.
struct NodeGroup {
  NodeId any = kNoNode;  // One of them.
  std::size_t size = 0;  // How many come into question.
  const std::uint64_t* features = nullptr;
};

class GroupMemory {
 public:
  virtual ~GroupMemory() = default;

  // Takes in how things stand with these rows now, which are all that changed since the last call
  // (all rows on the first); rows without a living node count nowhere. Returns false if features of
  // other rows have changed too, or what namespaces or the owners that select pods mean to these
  // pods: the memory is of no use any more then.
  virtual bool Update(const ClusterState& cluster, NodeSpan rows) = 0;

  // The number of features of a node; the same after every Update.
  virtual std::size_t feature_count() const = 0;
  // Writes the features of a living node as of the last Update. They change with its row alone.
  virtual void Features(NodeId node, absl::Span<std::uint64_t> features) const = 0;
  // Inputs of a node, without a change of which its features stay; the same after every Update.
  virtual Inputs feature_inputs() const { return Inputs::All(); }

  // Returns true if PreFilter would leave the plugin's Filter out: all groups pass then.
  virtual bool FilterSkips() const { return true; }
  // Writes what Filter would say of the nodes of each group, same order; `verdicts` comes in as
  // success. The plugin's Reasons put such a verdict into words without any data of a cycle.
  virtual void Filter(absl::Span<const NodeGroup> /*groups*/,
                      absl::Span<Verdict> /*verdicts*/) const {}
  // Writes the points of each group, normalised, where the nodes of these groups are those to be
  // scored. Returns false if PreScore would leave the plugin out.
  virtual bool Score(const ClusterState& /*cluster*/, absl::Span<const NodeGroup> /*groups*/,
                     absl::Span<std::int64_t> /*scores*/) const {
    return false;
  }

  // Returns about how much memory it takes.
  virtual std::size_t bytes() const = 0;
};

class GroupingPlugin {
 public:
  virtual ~GroupingPlugin() = default;
  // Starts a memory for pods like this one; what it borrows of the record outlives it.
  virtual std::unique_ptr<GroupMemory> Remember(const PodRecord& pod,
                                                const ClusterState& cluster) const = 0;
};

}  // namespace heat_scheduler
