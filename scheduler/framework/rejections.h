// The nodes that a pod cannot have, each with what it failed on.
//
// Who looks at every node lists them; who knows them otherwise is asked when somebody wants to know
// (KeptRejections), since most want no more than how many failed on what. Valid while the cluster
// state does not change and the selector that made them makes no other decision.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/framework/plugin.h"
#include "scheduler/framework/profile.h"

namespace heat_scheduler {

// What one node failed on.
struct NodeRejection {
  NodeId node = kNoNode;
  // Null: PreFilter narrowed it away, for Diagnosis::narrowed_reason.
  const Profile::Entry<FilterPlugin>* filter = nullptr;
  Verdict verdict;
};

// How many nodes failed on the same. There may be several of one filter and verdict.
struct RejectionCount {
  const Profile::Entry<FilterPlugin>* filter = nullptr;  // As in NodeRejection.
  Verdict verdict;
  std::size_t nodes = 0;
  // What the filter's Reasons said; null: it has not been asked.
  const std::vector<std::string>* reasons = nullptr;
};

// Rejections that somebody else keeps.
class KeptRejections {
 public:
  virtual ~KeptRejections() = default;
  virtual std::vector<RejectionCount> Counts() const = 0;
  virtual std::optional<NodeRejection> Find(NodeId node) const = 0;
  // All nodes that come into question, in node order.
  virtual std::vector<NodeId> Nodes() const = 0;
  // Those of them that were rejected with that code.
  virtual std::vector<NodeId> NodesWith(Code code) const = 0;
  // Where a PostFilter plugin can keep what it has found out about a node for other pods of equal
  // class and traits; null: nowhere. It holds while the node's row does not change, and is gone
  // when objects that filters read have changed: no filter that is not skipped looks beyond the
  // row.
  virtual CycleState* keepsake() const = 0;
};

class Rejections {
 public:
  Rejections() = default;
  // Those listed; in node order.
  Rejections(std::initializer_list<NodeRejection> listed) : listed_(listed) {}

  // Adds one more; in node order.
  void Add(const NodeRejection& rejection) { listed_.push_back(rejection); }

  // Adds all of `nodes` that are not among `left`: PreFilter narrowed them away. Both are in node
  // order, and outlive this.
  void AddNarrowedAway(NodeSpan nodes, NodeSpan left);

  // Takes those that are kept elsewhere, and no others.
  void Refer(const KeptRejections& kept) { kept_ = &kept; }

  std::size_t size() const;
  bool empty() const { return size() == 0; }

  // Returns all, in node order.
  std::vector<NodeRejection> List() const;
  // Returns how many nodes failed on what, in no particular order.
  std::vector<RejectionCount> Counts() const;
  // Returns what the node failed on, or nothing if it did not.
  std::optional<NodeRejection> Find(NodeId node) const;
  // Returns the nodes that were rejected with that code, in node order.
  std::vector<NodeId> NodesWith(Code code) const;
  // KeptRejections::keepsake, or null.
  CycleState* keepsake() const { return kept_ == nullptr ? nullptr : kept_->keepsake(); }

 private:
  // Calls visit(rejection) for each, in node order; they are listed here.
  template <typename Visit>
  void ForEach(Visit visit) const;

  std::vector<NodeRejection> listed_;
  NodeSpan narrowed_;         // Narrowed away, but for ...
  std::vector<NodeId> left_;  // ... those.
  const KeptRejections* kept_ = nullptr;
};

}  // namespace heat_scheduler
