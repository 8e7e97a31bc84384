#include "scheduler/core/full_scan.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>

#include "absl/types/span.h"
#include "base/random.h"
#include "scheduler/core/decision_record.h"
#include "scheduler/core/guard.h"

namespace heat_scheduler {
namespace {

// However small a percentage of the nodes is wanted, so many are.
constexpr std::size_t kMinFeasibleNodesToFind = 100;

}  // namespace

void FullScan::SelectInto(Selection& selection, const Profile& profile, const Cycle& cycle,
                          std::uint64_t decision_number, DecisionRecord* record) {
  const std::optional<Status> thrown =
      Caught(running_, [&] { Decide(profile, cycle, decision_number, record, selection); });
  if (thrown.has_value()) NoteFailure(*thrown, selection);
}

void FullScan::SelectWith(ExtenderRound& round, Selection& selection, const Profile& profile,
                          const Cycle& cycle, std::uint64_t decision_number,
                          DecisionRecord* record) {
  round_ = &round;
  SelectInto(selection, profile, cycle, decision_number, record);
  round_ = nullptr;
}

void FullScan::Decide(const Profile& profile, const Cycle& cycle, std::uint64_t decision_number,
                      DecisionRecord* record, Selection& selection) {
  filtering_.Run(profile, cycle, cycle.cluster.nodes(), running_, selection);
  if (record != nullptr) RecordFilters(cycle, selection, filtering_.feasible(), *record);
  if (selection.result != Selection::Result::kChosen) return;
  nodes_.assign(filtering_.feasible().begin(), filtering_.feasible().end());
  // Of those that extenders were asked about none is left out afterwards.
  if (round_ == nullptr || !round_->has_asked()) Sample(profile, cycle);
  if (record != nullptr) RecordSample(nodes_, *record);
  if (round_ != nullptr && !PassExtenders(profile, cycle, selection)) return;
  selection.feasible_count = nodes_.size();
  if (!selection.nominated && !ApplySetFilters(profile, cycle, record, selection)) return;
  if (nodes_.size() == 1) {
    best_ = nodes_;
  } else if (round_ != nullptr && !round_->Prioritize(cycle, nodes_, selection)) {
    return;
  } else if (!ScoreNodes(profile, cycle, record, selection)) {
    return;
  }
  if (record != nullptr) record->best = best_;
  selection.node = BreakTie(cycle, decision_number, record);
}

// Where extenders refuse the nominated node, all others are looked at.
bool FullScan::PassExtenders(const Profile& profile, const Cycle& cycle, Selection& selection) {
  if (round_->Filter(cycle, nodes_, selection)) return true;
  if (!selection.nominated || selection.result != Selection::Result::kUnschedulable) return false;
  const NodeId refused = nodes_.front();
  const NodeSpan all = cycle.cluster.nodes();
  others_.clear();
  std::copy_if(all.begin(), all.end(), std::back_inserter(others_),
               [&](NodeId node) { return node != refused; });
  selection = {};
  cycle.state = {};
  filtering_.Run(profile, cycle, others_, running_, selection);
  selection.diagnosis.node_count = all.size();
  round_->AddRefusal(cycle, refused, selection);
  if (selection.result != Selection::Result::kChosen) return false;
  nodes_.assign(filtering_.feasible().begin(), filtering_.feasible().end());
  return round_->Filter(cycle, nodes_, selection);
}

void FullScan::Sample(const Profile& profile, const Cycle& cycle) {
  const NodeSpan all = cycle.cluster.nodes();
  const auto percentage = static_cast<std::size_t>(profile.percentage_of_nodes_to_score());
  const std::size_t wanted = std::max(all.size() * percentage / 100, kMinFeasibleNodesToFind);
  if (percentage == 0 || nodes_.size() <= wanted) return;
  const std::size_t start = search_start_ % all.size();
  // Positions of those that fit, in node order; the search goes round from `start`.
  std::vector<std::size_t> positions;
  for (std::size_t position = 0; position < all.size(); ++position) {
    if (positions.size() < nodes_.size() && all[position] == nodes_[positions.size()]) {
      positions.push_back(position);
    }
  }
  const auto first = std::lower_bound(positions.begin(), positions.end(), start);
  std::rotate(positions.begin(), first, positions.end());
  positions.resize(wanted);
  search_start_ = positions.back() + 1;
  std::sort(positions.begin(), positions.end());
  nodes_.clear();
  for (std::size_t position : positions) nodes_.push_back(all[position]);
}

bool FullScan::ApplySetFilters(const Profile& profile, const Cycle& cycle, DecisionRecord* record,
                               Selection& selection) {
  for (const auto& entry : profile.set_filter()) {
    if (!RunSetFilter(entry, cycle, nodes_, keep_, running_, selection)) return false;
    if (record != nullptr) RecordSetFilter(entry.plugin, nodes_, keep_, *record);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (keep_[i] != 0) nodes_[kept++] = nodes_[i];
    }
    nodes_.resize(kept);
  }
  return true;
}

bool FullScan::ScoreNodes(const Profile& profile, const Cycle& cycle, DecisionRecord* record,
                          Selection& selection) {
  if (!scoring_.Run(profile, cycle, nodes_, running_, record, selection)) return false;
  totals_.assign(scoring_.totals().begin(), scoring_.totals().end());
  if (round_ != nullptr) round_->AddPoints(cycle, nodes_, absl::MakeSpan(totals_));
  const std::int64_t greatest = *std::max_element(totals_.begin(), totals_.end());
  best_.clear();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (totals_[i] == greatest) best_.push_back(nodes_[i]);
  }
  return true;
}

NodeId FullScan::BreakTie(const Cycle& cycle, std::uint64_t decision_number,
                          DecisionRecord* record) const {
  const auto& names = cycle.cluster.columns().name;
  if (best_.size() == 1) return best_.front();
  if (tie_rule_ == TieRule::kSmallestName) {
    return *std::min_element(best_.begin(), best_.end(),
                             [&](NodeId a, NodeId b) { return names[a] < names[b]; });
  }
  const NodeSpan all = cycle.cluster.nodes();
  const std::size_t start = Mix(seed_, decision_number) % all.size();
  if (record != nullptr) record->drawn_position = start;
  // Walks both in node order: the first of the best that is not before the start.
  auto next_best = best_.begin();
  for (std::size_t position = 0; position < all.size() && next_best != best_.end(); ++position) {
    if (all[position] != *next_best) continue;
    if (position >= start) return *next_best;
    ++next_best;
  }
  return best_.front();
}

}  // namespace heat_scheduler
