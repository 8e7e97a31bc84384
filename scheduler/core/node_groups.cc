#include "scheduler/core/node_groups.h"

#include <algorithm>

namespace heat_scheduler {

NodeGroups::NodeGroups(const NodeOrder& order, std::size_t feature_count, bool counts)
    : order_(order), feature_count_(feature_count), counts_(counts) {
  // Most rows have a node: not more memory than it takes, since these are many.
  members_.reserve(order.size());
  links_.reserve(order.size());
}

template <typename Visit>
void NodeGroups::ForEach(const Group& group, Visit visit) const {
  for (NodeId node = group.head; node != kNoNode; node = links_[node].next) {
    visit(node, members_[node].value);
  }
}

void NodeGroups::Put(NodeId node, std::int64_t value, Features features) {
  if (node >= members_.size()) {
    members_.resize(std::max<std::size_t>(node + 1, order_.size()));
    links_.resize(members_.size());
  }
  Member& member = members_[node];
  if (member.group != kNoGroup) {
    if (features == this->features(member.group)) {
      SetValue(node, value);
      return;
    }
    Leave(node);
  }
  member.value = value;
  Join(node, GroupOf(features));
}

void NodeGroups::Remove(NodeId node) {
  if (node < members_.size() && members_[node].group != kNoGroup) Leave(node);
}

void NodeGroups::Reorder() {
  for (Group& group : groups_) {
    group.tree.reset();
    group.best_known = false;
    if (group.size >= TreeSize()) GrowTree(group);
  }
}

std::uint32_t NodeGroups::GroupOf(Features features) {
  if (feature_count_ == 0 && !groups_.empty()) return 0;
  // Nodes that come one after the other are often alike.
  if (latest_ < groups_.size() && groups_[latest_].size > 0 &&
      features == this->features(latest_)) {
    return latest_;
  }
  key_.assign(features.begin(), features.end());
  const auto [found, is_new] = by_features_.try_emplace(key_, kNoGroup);
  if (!is_new) return latest_ = found->second;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(groups_.size()));
    groups_.emplace_back();
  }
  found->second = free_.back();
  free_.pop_back();
  groups_[found->second] = {};
  groups_[found->second].features = key_;
  return latest_ = found->second;
}

void NodeGroups::SetValue(NodeId node, std::int64_t value) {
  Member& member = members_[node];
  if (member.value == value) return;
  Group& group = groups_[member.group];
  CountValue(group, member.value, -1);
  CountValue(group, value, 1);
  if (group.tree != nullptr) {
    group.tree->Set(order_.Of(node), value);
  } else if (group.best_known && value >= group.best) {
    group.best = value;
  } else if (member.value == group.best) {
    group.best_known = false;
  }
  member.value = value;
}

void NodeGroups::Join(NodeId node, std::uint32_t number) {
  Group& group = groups_[number];
  Member& member = members_[node];
  member.group = number;
  links_[node] = {kNoNode, group.head};
  if (group.head != kNoNode) links_[group.head].previous = node;
  group.head = node;
  if (group.size++ == 0) ++version_;
  CountValue(group, member.value, 1);
  if (group.tree != nullptr) {
    group.tree->Set(order_.Of(node), member.value);
    return;
  }
  if (group.best_known) group.best = std::max(group.best, member.value);
  if (group.size >= TreeSize()) GrowTree(group);
}

void NodeGroups::Leave(NodeId node) {
  Member& member = members_[node];
  Group& group = groups_[member.group];
  const Link link = links_[node];
  (link.previous == kNoNode ? group.head : links_[link.previous].next) = link.next;
  if (link.next != kNoNode) links_[link.next].previous = link.previous;
  --group.size;
  CountValue(group, member.value, -1);
  if (group.tree != nullptr) {
    // The node's position may be no more; then Reorder follows.
    if (order_.Of(node) < order_.size() && order_.At(order_.Of(node)) == node) {
      group.tree->Set(order_.Of(node), kAbsent);
    }
    if (group.size < TreeSize() / 2) {
      group.tree.reset();
      group.best_known = false;
    }
  } else if (member.value == group.best) {
    group.best_known = false;
  }
  if (group.size == 0) {
    ++version_;
    Forget(member.group);
  }
  member = {};
}

void NodeGroups::Forget(std::uint32_t group) {
  // Without features there is one group, and it stays.
  if (feature_count_ == 0) {
    groups_[group] = {};
    return;
  }
  by_features_.erase(groups_[group].features);
  groups_[group] = {};
  free_.push_back(group);
}

void NodeGroups::CountValue(Group& group, std::int64_t value, int change) const {
  if (!counts_) return;
  const auto found = group.counts.try_emplace(value, 0).first;
  found->second += static_cast<std::uint32_t>(change);
  if (found->second == 0) group.counts.erase(found);
}

std::size_t NodeGroups::TreeSize() const {
  constexpr std::size_t kSmallest = 64;
  constexpr std::size_t kTrees = 32;
  return std::max(kSmallest, order_.size() / kTrees);
}

void NodeGroups::GrowTree(Group& group) {
  group.tree = std::make_unique<BestTree>(order_.size());
  ForEach(group, [&](NodeId node, std::int64_t value) { group.tree->Set(order_.Of(node), value); });
}

std::int64_t NodeGroups::Best(std::size_t number) {
  Group& group = groups_[number];
  if (group.tree != nullptr) return group.tree->best();
  if (!group.best_known) {
    group.best = kAbsent;
    ForEach(group, [&](NodeId, std::int64_t value) { group.best = std::max(group.best, value); });
    group.best_known = true;
  }
  return group.best;
}

std::int64_t NodeGroups::BestWithout(std::size_t number, NodeId left_out) {
  Group& group = groups_[number];
  if (members_[left_out].group != number) return Best(number);
  if (group.tree != nullptr) {
    group.tree->Set(order_.Of(left_out), kAbsent);
    const std::int64_t best = group.tree->best();
    group.tree->Set(order_.Of(left_out), members_[left_out].value);
    return best;
  }
  std::int64_t best = kAbsent;
  ForEach(group, [&](NodeId node, std::int64_t value) {
    if (node != left_out) best = std::max(best, value);
  });
  return best;
}

std::size_t NodeGroups::CountOf(std::size_t number, std::int64_t value) const {
  const auto& counts = groups_[number].counts;
  const auto found = counts.find(value);
  return found == counts.end() ? 0 : found->second;
}

std::size_t NodeGroups::FirstFrom(std::size_t number, std::size_t from, std::int64_t value,
                                  NodeId left_out) const {
  const Group& group = groups_[number];
  if (group.tree != nullptr) {
    const auto find = [&](std::size_t start) {
      std::size_t at = group.tree->FindFrom(start, value);
      if (at != BestTree::kNowhere && order_.At(at) == left_out) {
        at = at + 1 < order_.size() ? group.tree->FindFrom(at + 1, value) : BestTree::kNowhere;
      }
      return at;
    };
    const std::size_t at = find(from);
    return at == BestTree::kNowhere ? find(0) : at;
  }
  const std::size_t size = order_.size();
  std::size_t nearest = size;
  ForEach(group, [&](NodeId node, std::int64_t its) {
    if (its < value || node == left_out) return;
    nearest = std::min(nearest, (order_.Of(node) + size - from) % size);
  });
  return (nearest + from) % size;
}

std::size_t NodeGroups::bytes() const {
  std::size_t bytes =
      sizeof(*this) + members_.capacity() * sizeof(Member) + links_.capacity() * sizeof(Link);
  for (const Group& group : groups_) {
    bytes += sizeof(group) + 2 * feature_count_ * sizeof(std::uint64_t) + 32;
    bytes += group.counts.capacity() * 20;
    if (group.tree != nullptr) bytes += group.tree->bytes();
  }
  return bytes;
}

}  // namespace heat_scheduler
