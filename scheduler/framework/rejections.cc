#include "scheduler/framework/rejections.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace heat_scheduler {

void Rejections::AddNarrowedAway(NodeSpan nodes, NodeSpan left) {
  narrowed_ = nodes;
  left_.assign(left.begin(), left.end());
}

template <typename Visit>
void Rejections::ForEach(Visit visit) const {
  if (narrowed_.empty()) {
    for (const NodeRejection& rejection : listed_) visit(rejection);
    return;
  }
  auto listed = listed_.begin();
  auto left = left_.begin();
  for (const NodeId node : narrowed_) {
    if (left == left_.end() || *left != node) {
      visit({node, nullptr, {Code::kUnschedulableAndUnresolvable, 0}});
      continue;
    }
    ++left;
    if (listed != listed_.end() && listed->node == node) visit(*listed++);
  }
}

std::size_t Rejections::size() const {
  if (kept_ == nullptr) {
    return listed_.size() + narrowed_.size() - (narrowed_.empty() ? 0 : left_.size());
  }
  std::size_t nodes = 0;
  for (const RejectionCount& count : kept_->Counts()) nodes += count.nodes;
  return nodes;
}

std::vector<NodeRejection> Rejections::List() const {
  std::vector<NodeRejection> all;
  if (kept_ != nullptr) {
    for (const NodeId node : kept_->Nodes()) {
      if (const auto rejection = kept_->Find(node)) all.push_back(*rejection);
    }
    return all;
  }
  ForEach([&](const NodeRejection& rejection) { all.push_back(rejection); });
  return all;
}

std::vector<RejectionCount> Rejections::Counts() const {
  if (kept_ != nullptr) return kept_->Counts();
  std::map<std::tuple<const Profile::Entry<FilterPlugin>*, Code, std::uint64_t>, std::size_t> alike;
  for (const NodeRejection& rejection : listed_) {
    ++alike[{rejection.filter, rejection.verdict.code, rejection.verdict.detail}];
  }
  std::vector<RejectionCount> counts;
  for (const auto& [key, nodes] : alike) {
    const auto& [filter, code, detail] = key;
    counts.push_back({filter, {code, detail}, nodes});
  }
  if (narrowed_.size() > left_.size()) {
    counts.push_back(
        {nullptr, {Code::kUnschedulableAndUnresolvable, 0}, narrowed_.size() - left_.size()});
  }
  return counts;
}

std::optional<NodeRejection> Rejections::Find(NodeId node) const {
  if (kept_ != nullptr) return kept_->Find(node);
  std::optional<NodeRejection> found;
  ForEach([&](const NodeRejection& rejection) {
    if (rejection.node == node) found = rejection;
  });
  return found;
}

std::vector<NodeId> Rejections::NodesWith(Code code) const {
  if (kept_ != nullptr) return kept_->NodesWith(code);
  std::vector<NodeId> nodes;
  ForEach([&](const NodeRejection& rejection) {
    if (rejection.verdict.code == code) nodes.push_back(rejection.node);
  });
  return nodes;
}

}  // namespace heat_scheduler
