#include "scheduler/core/class_rejections.h"

#include <algorithm>

namespace heat_scheduler {

void ClassRejections::Start(const RefusedRows& refused, const NodeGroups& groups) {
  refused_ = &refused;
  groups_ = &groups;
  said_.clear();
  of_kind_.assign(refused.kinds().size(), kNothing);
  of_group_.assign(groups.count(), kNothing);
  apart_.reset();
  offers_keepsake_ = false;
}

std::uint32_t ClassRejections::PlaceOf(std::size_t filter, const Verdict& verdict) {
  const auto found = std::find_if(said_.begin(), said_.end(), [&](const Said& said) {
    return said.filter == filter && said.verdict == verdict;
  });
  if (found != said_.end()) return static_cast<std::uint32_t>(found - said_.begin());
  said_.push_back({filter, verdict});
  return static_cast<std::uint32_t>(said_.size() - 1);
}

void ClassRejections::SetKind(RefusedRows::Number kind, std::size_t filter,
                              const Verdict& verdict) {
  const RefusedRows::Kind& its = refused_->kinds()[kind];
  of_kind_[kind] = PlaceOf(filter, verdict);
  Said& said = said_[of_kind_[kind]];
  said.nodes += its.rows;
  if (filter == its.refusal.filter) said.reasons = &its.reasons;
}

void ClassRejections::SetGroup(std::size_t group, std::size_t filter, const Verdict& verdict) {
  of_group_[group] = PlaceOf(filter, verdict);
  said_[of_group_[group]].nodes += groups_->size(group);
}

void ClassRejections::SetNode(const NodeRejection& rejection) {
  --said_[SaidOf(rejection.node)].nodes;
  apart_ = rejection;
}

std::uint32_t ClassRejections::SaidOf(NodeId node) const {
  if (const RefusedRows::Number kind = refused_->Of(node); kind != RefusedRows::kNone) {
    return of_kind_[kind];
  }
  const std::size_t group = groups_->NumberOf(node);
  return group < of_group_.size() ? of_group_[group] : kNothing;
}

void ClassRejections::AddFilter(std::size_t filter, Diagnosis& diagnosis) const {
  const auto& entry = *plan_.filters[filter].entry;
  AddRejecting(entry.plugin, entry.point->filter_inputs(), diagnosis);
}

void ClassRejections::Describe(const Cycle& cycle, Diagnosis& diagnosis) const {
  diagnosis.node_count = order_.size();
  if (apart_.has_value()) {
    AddRejecting(apart_->filter->plugin, apart_->filter->point->filter_inputs(), diagnosis);
  }
  DescribeRivals(cycle, diagnosis);
  std::vector<std::size_t> filters;
  for (const Said& said : said_) {
    if (said.nodes > 0) filters.push_back(said.filter);
  }
  std::sort(filters.begin(), filters.end());
  for (const std::size_t filter : filters) AddFilter(filter, diagnosis);
  diagnosis.wake_inputs = diagnosis.wake_inputs | Inputs{Input::kFeasibleCount};
  diagnosis.rejections.Refer(*this);
}

// Nodes with rivals are looked at before the others, one by one in node order.
void ClassRejections::DescribeRivals(const Cycle& cycle, Diagnosis& diagnosis) const {
  const auto& kinds = refused_->kinds();
  const RefusedRows::Number apart =
      apart_.has_value() ? refused_->Of(apart_->node) : RefusedRows::kNone;
  std::vector<std::size_t> filters;
  for (RefusedRows::Number kind = 1; kind < kinds.size(); ++kind) {
    const std::size_t rows = kinds[kind].rows - (kind == apart ? 1 : 0);
    if (kinds[kind].refusal.with_rivals && rows > 0) filters.push_back(kinds[kind].refusal.filter);
  }
  if (filters.empty()) return;
  if (std::all_of(filters.begin(), filters.end(),
                  [&](std::size_t filter) { return filter == filters.front(); })) {
    AddFilter(filters.front(), diagnosis);
    return;
  }
  std::vector<std::size_t> positions;
  for (const NodeId row : cycle.cluster.nominated_rows()) {
    const bool is_apart = apart_.has_value() && apart_->node == row;
    if (!is_apart && kinds[refused_->Of(row)].refusal.with_rivals) {
      positions.push_back(order_.Of(row));
    }
  }
  std::sort(positions.begin(), positions.end());
  for (const std::size_t position : positions) {
    AddFilter(kinds[refused_->Of(order_.At(position))].refusal.filter, diagnosis);
  }
}

std::vector<RejectionCount> ClassRejections::Counts() const {
  std::vector<RejectionCount> counts;
  for (const Said& said : said_) {
    if (said.nodes == 0) continue;
    counts.push_back({plan_.filters[said.filter].entry, said.verdict, said.nodes, said.reasons});
  }
  if (apart_.has_value()) counts.push_back({apart_->filter, apart_->verdict, 1});
  return counts;
}

std::optional<NodeRejection> ClassRejections::Find(NodeId node) const {
  if (apart_.has_value() && apart_->node == node) return apart_;
  const std::uint32_t place = SaidOf(node);
  if (place == kNothing) return std::nullopt;
  return NodeRejection{node, plan_.filters[said_[place].filter].entry, said_[place].verdict};
}

std::vector<NodeId> ClassRejections::Nodes() const {
  std::vector<NodeId> nodes(order_.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = order_.At(i);
  return nodes;
}

std::vector<NodeId> ClassRejections::NodesWith(Code code) const {
  std::size_t count = apart_.has_value() && apart_->verdict.code == code ? 1 : 0;
  for (const Said& said : said_) count += said.verdict.code == code ? said.nodes : 0;
  if (count == 0) return {};
  if (count == order_.size()) return Nodes();
  // Asked about every node: what was said is looked up once a kind and once a group.
  const auto matches = [&](std::uint32_t place) {
    return place != kNothing && said_[place].verdict.code == code;
  };
  std::vector<char> of_kind(of_kind_.size()), of_group(of_group_.size());
  std::transform(of_kind_.begin(), of_kind_.end(), of_kind.begin(), matches);
  std::transform(of_group_.begin(), of_group_.end(), of_group.begin(), matches);
  const NodeId apart = apart_.has_value() ? apart_->node : kNoNode;
  const auto was_said = [&](NodeId node) {
    if (node == apart) return apart_->verdict.code == code;
    const RefusedRows::Number kind = refused_->Of(node);
    if (kind != RefusedRows::kNone) return of_kind[kind] != 0;
    const std::size_t group = groups_->NumberOf(node);
    return group < of_group.size() && of_group[group] != 0;
  };
  // Each is written, and those that are wanted stay: no branch depends on what was said.
  std::vector<NodeId> nodes(order_.size());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    nodes[kept] = order_.At(i);
    kept += was_said(order_.At(i)) ? 1 : 0;
  }
  nodes.resize(kept);
  return nodes;
}

}  // namespace heat_scheduler
