// Nodes grouped by their features, each with a value, and the best of each group.
//
// A group that holds a good part of the nodes has a tournament tree over node order; a smaller one
// is a list that is looked through when its best is asked for: what is looked through is then never
// more than the nodes, and the trees never more than a few. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "scheduler/core/best_tree.h"
#include "scheduler/core/node_order.h"

namespace heat_scheduler {

class NodeGroups {
 public:
  using Features = absl::Span<const std::uint64_t>;
  static constexpr std::int64_t kAbsent = BestTree::kAbsent;

  // `order` outlives this. With `counts`, CountOf can be asked.
  NodeGroups(const NodeOrder& order, std::size_t feature_count, bool counts);

  // Puts a node into the group of its features with that value, which is not kAbsent; or takes it
  // out.
  void Put(NodeId node, std::int64_t value, Features features);
  void Remove(NodeId node);
  // Gives a node that is in a group another value.
  void SetValue(NodeId node, std::int64_t value);

  // Hint that Has, and then SetValue, will be called for the node: with many caches, its memory is
  // far away.
  void PrefetchMember(NodeId node) const {
    if (node < members_.size()) __builtin_prefetch(&members_[node]);
  }
  void PrefetchValue(NodeId node) const {
    const Group& group = groups_[members_[node].group];
    if (group.tree != nullptr) group.tree->Prefetch(order_.Of(node));
  }

  // Returns true if the node is in a group.
  bool Has(NodeId node) const { return NumberOf(node) != kNoGroup; }
  // Asks for a node that is in a group.
  std::int64_t ValueOf(NodeId node) const { return members_[node].value; }

  // Rises when a group gets its first node or loses its last; never 0.
  std::uint64_t version() const { return version_; }

  // To be called when the order has changed; all nodes that were put here must be in it.
  void Reorder();

  // Groups by number, those that are empty (size() is 0) among them.
  std::size_t count() const { return groups_.size(); }
  std::size_t size(std::size_t group) const { return groups_[group].size; }
  // These ask for a group that is not empty.
  NodeId any(std::size_t group) const { return groups_[group].head; }
  Features features(std::size_t group) const { return groups_[group].features; }

  // Returns the number of the node's group; one that there is not, if it is in none.
  std::size_t NumberOf(NodeId node) const {
    return node < members_.size() ? members_[node].group : kNoGroup;
  }

  // Returns the greatest value in the group, that of one node left out if it is given; kAbsent if
  // no other is there.
  std::int64_t Best(std::size_t group);
  std::int64_t BestWithout(std::size_t group, NodeId left_out);

  // Returns how many nodes of the group have that value.
  std::size_t CountOf(std::size_t group, std::int64_t value) const;

  // Returns the position of the first node at or after `from`, and, if there is none, of the first
  // of all, that has at least that value and is not `left_out`; there must be one.
  std::size_t FirstFrom(std::size_t group, std::size_t from, std::int64_t value,
                        NodeId left_out = kNoNode) const;

  std::size_t bytes() const;

 private:
  static constexpr std::uint32_t kNoGroup = ~std::uint32_t{0};

  // One node, by row.
  struct Member {
    std::int64_t value = kAbsent;
    std::uint32_t group = kNoGroup;
  };
  // Its neighbours in the list of the group, which are asked for when groups change alone.
  struct Link {
    NodeId previous = kNoNode, next = kNoNode;
  };
  struct Group {
    std::vector<std::uint64_t> features;
    std::size_t size = 0;
    NodeId head = kNoNode;
    std::unique_ptr<BestTree> tree;
    // Without a tree: the greatest value, if it is known.
    bool best_known = true;
    std::int64_t best = kAbsent;
    absl::flat_hash_map<std::int64_t, std::uint32_t> counts;
  };

  std::uint32_t GroupOf(Features features);
  void Join(NodeId node, std::uint32_t group);
  void Leave(NodeId node);
  void Forget(std::uint32_t group);
  void CountValue(Group& group, std::int64_t value, int change) const;
  void GrowTree(Group& group);
  // The size from which a group has a tree.
  std::size_t TreeSize() const;
  template <typename Visit>
  void ForEach(const Group& group, Visit visit) const;

  const NodeOrder& order_;
  const std::size_t feature_count_;
  const bool counts_;
  std::vector<Member> members_;  // By row.
  std::vector<Link> links_;      // By row.
  std::vector<Group> groups_;
  std::vector<std::uint32_t> free_;
  absl::flat_hash_map<std::vector<std::uint64_t>, std::uint32_t> by_features_;
  std::vector<std::uint64_t> key_;  // To look up by.
  std::uint32_t latest_ = 0;        // The group that was looked up last.
  std::uint64_t version_ = 1;
};

}  // namespace heat_scheduler
