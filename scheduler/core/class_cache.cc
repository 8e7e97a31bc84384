#include "scheduler/core/class_cache.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <utility>

namespace heat_scheduler {
namespace {

// After so many evaluated rows for each node everything is begun anew: what plugins keep in cycle
// data is not made to grow for long.
constexpr std::uint64_t kRoundsOfEvaluation = 256;
// How often the memory is counted.
constexpr std::uint64_t kUpdatesBetweenCounts = 256;
constexpr std::size_t kNoBest = ~std::size_t{0};

bool InRange(const std::vector<std::int64_t>& points) {
  return std::all_of(points.begin(), points.end(), [](std::int64_t score) {
    return score >= kMinNodeScore && score <= kMaxNodeScore;
  });
}

// Returns a value that is the greater, the less the rank is; never BestTree::kAbsent.
std::int64_t ValueOfRank(double rank) {
  // Of the numbers that are not negative, the bits are in their order; 0 has one form then.
  const auto bits = std::bit_cast<std::int64_t>(rank + 0.0);
  const std::int64_t ascending = bits >= 0 ? bits : std::numeric_limits<std::int64_t>::min() - bits;
  return -ascending;
}

double RankOfValue(std::int64_t value) {
  const std::int64_t ascending = -value;
  return std::bit_cast<double>(
      ascending >= 0 ? ascending : std::numeric_limits<std::int64_t>::min() - ascending);
}

}  // namespace

ClassCache::Example::Example(const Cycle& cycle)
    : pod_class(cycle.cluster.pod_classes().Share(cycle.pod_class().id)), record(cycle.pod) {
  record.pod_class = pod_class.get();
  // It stands for all, so that it is nobody whom others could take for themselves.
  record.facts.name.clear();
  record.facts.uid.clear();
}

ClassCache::ClassCache(const ProfilePlan& plan, const NodeOrder& order, const Cycle& cycle)
    : plan_(plan), order_(order), example_(cycle), rejections_(plan, order, keepsake_) {}

bool ClassCache::Update(const Cycle& cycle) {
  const ClusterState& cluster = cycle.cluster;
  if (!begun_ || cluster.ObjectsVersion(kObjectsRead) != objects_ ||
      evaluated_ > kRoundsOfEvaluation * order_.size() || !cluster.ChangedRows(sequence_, rows_, what_)) {
    return Begin(cycle);
  }
  if (rows_.empty()) return true;
  for (const auto& memory : memories_) {
    if (memory != nullptr && !memory->Update(cluster, rows_)) return Begin(cycle);
  }
  if (order_.version() != order_version_) {
    for (const NodeId row : rows_) {
      if (cluster.columns().node[row] == nullptr) groups_->Remove(row);
    }
    groups_->Reorder();
    order_version_ = order_.version();
  }
  sequence_ = cluster.sequence();
  if (!Evaluate(cycle, rows_)) return false;
  if (++updates_ % kUpdatesBetweenCounts == 0) CountBytes();
  return true;
}

bool ClassCache::Begin(const Cycle& cycle) {
  const ClusterState& cluster = cycle.cluster;
  begun_ = false;
  state_ = {};
  refused_ = {};
  keepsake_ = {};
  evaluated_ = 0;
  if (!RunPreFilters(cycle) || !RunPreScores(cycle)) return false;
  rows_.resize(cluster.columns().name.size());
  for (NodeId row = 0; row < rows_.size(); ++row) rows_[row] = row;
  memories_.clear();
  for (const ProfilePlan::Grouping& grouping : plan_.grouping) {
    memories_.push_back(grouping.point->Remember(example_.record, cluster));
    if (!memories_.back()->Update(cluster, rows_)) return false;
    feature_count_ += memories_.back()->feature_count();
  }
  groups_ = std::make_unique<NodeGroups>(order_, feature_count_, plan_.ranking != nullptr);
  sequence_ = cluster.sequence();
  objects_ = cluster.ObjectsVersion(kObjectsRead);
  order_version_ = order_.version();
  if (!Evaluate(cycle, cluster.nodes())) return false;
  begun_ = true;
  CountBytes();
  return true;
}

bool ClassCache::RunPreFilters(const Cycle& cycle) {
  const Cycle own = CycleOf(cycle);
  for (const ProfilePlan::PreFilter& pre_filter : plan_.pre_filters) {
    if (pre_filter.grouping != ProfilePlan::kNowhere) {
      // Its memory answers instead.
      state_.NotePreFilter(pre_filter.entry->plugin, true);
      continue;
    }
    const PreFilterResult result = pre_filter.entry->point->PreFilter(own);
    const bool skip = result.status.code == Code::kSkip;
    if ((!skip && !result.status.ok()) || result.node_names.has_value()) return false;
    state_.NotePreFilter(pre_filter.entry->plugin, skip);
  }
  filters_.clear();
  for (const ProfilePlan::Filter& filter : plan_.filters) {
    if (filter.holds == Holds::kInGroup || state_.FilterSkipped(filter.entry->plugin)) continue;
    if (filter.holds == Holds::kOnce) return false;
    filters_.push_back(&filter);
  }
  return true;
}

bool ClassCache::RunPreScores(const Cycle& cycle) {
  const Cycle own = CycleOf(cycle);
  scores_.clear();
  raw_count_ = 0;
  for (const ProfilePlan::Score& score : plan_.scores) {
    if (score.holds != Holds::kInGroup) {
      Status status;
      if (score.pre_score != nullptr) {
        status = score.pre_score->point->PreScore(own, cycle.cluster.nodes());
      }
      if (status.code == Code::kSkip) continue;
      if (!status.ok() || score.holds == Holds::kOnce) return false;
      if (score.entry->point->normalizes()) ++raw_count_;
    }
    scores_.push_back(&score);
  }
  feature_count_ = raw_count_;
  return true;
}

bool ClassCache::Evaluate(const Cycle& cycle, NodeSpan rows) {
  evaluated_ += rows.size();
  const auto& nodes = cycle.cluster.columns().node;
  living_.clear();
  for (const NodeId row : rows) {
    if (nodes[row] != nullptr) {
      living_.push_back(row);
    } else {
      groups_->Remove(row);
      refused_.Clear(row);
    }
  }
  if (!RunFilters(cycle)) return false;
  NoteRefusals(cycle);
  features_.resize(passing_.size() * feature_count_);
  values_.assign(passing_.size(), 0);
  if (plan_.ranking != nullptr) {
    RunRanks(cycle);
  } else if (!RunScores(cycle)) {
    return false;
  }
  std::size_t offset = raw_count_;
  for (const auto& memory : memories_) {
    const std::size_t count = memory->feature_count();
    for (std::size_t i = 0; i < passing_.size() && count > 0; ++i) {
      memory->Features(passing_[i], {&features_[i * feature_count_ + offset], count});
    }
    offset += count;
  }
  Store(living_);
  return true;
}

bool ClassCache::RunScores(const Cycle& cycle) {
  if (passing_.empty()) return true;
  const Cycle own = CycleOf(cycle);
  std::size_t feature = 0;
  for (const ProfilePlan::Score* score : scores_) {
    if (score->holds == Holds::kInGroup) continue;
    const ScorePlugin& point = *score->entry->point;
    points_.assign(passing_.size(), 0);
    point.Score(own, passing_, absl::MakeSpan(points_));
    if (point.normalizes()) {
      for (std::size_t i = 0; i < passing_.size(); ++i) {
        features_[i * feature_count_ + feature] = static_cast<std::uint64_t>(points_[i]);
      }
      ++feature;
      continue;
    }
    if (!InRange(points_)) return false;
    for (std::size_t i = 0; i < passing_.size(); ++i) {
      values_[i] += points_[i] * score->entry->weight;
    }
  }
  return true;
}

void ClassCache::RunRanks(const Cycle& cycle) {
  ranks_.assign(passing_.size(), 0);
  plan_.ranking->Rank(CycleOf(cycle), passing_, absl::MakeSpan(ranks_));
  for (std::size_t i = 0; i < passing_.size(); ++i) values_[i] = ValueOfRank(ranks_[i]);
}

// `rows`: those of which passing_ is a part, in the same order.
void ClassCache::Store(NodeSpan rows) {
  std::size_t i = 0;
  for (const NodeId row : rows) {
    if (i == passing_.size() || passing_[i] != row) {
      groups_->Remove(row);
      continue;
    }
    refused_.Clear(row);
    groups_->Put(row, values_[i], {features_.data() + i * feature_count_, feature_count_});
    ++i;
  }
}

bool ClassCache::Choose(const Cycle& cycle, std::size_t from, Selection& selection) {
  std::optional<NodeRejection> nominated;
  if (!LookAtNominated(cycle, selection, nominated)) return false;
  if (selection.nominated) return true;
  CollectGroups();
  if (race_.empty()) return Diagnose(cycle, nominated, selection);
  selection.feasible_count = 0;
  for (const NodeGroup& group : race_) selection.feasible_count += group.size;
  if (plan_.ranking != nullptr) {
    ChooseByRank(cycle, selection);
  } else if (selection.feasible_count == 1) {
    selection.node = race_.front().any;
  } else {
    if (!AddGroupScores(cycle)) return false;
    selection.node = order_.At(FirstOfBest(from));
  }
  for (const ProfilePlan::PreFilter& pre_filter : plan_.pre_filters) {
    if (pre_filter.every_time && pre_filter.grouping == ProfilePlan::kNowhere &&
        !RunPreFilterOf(cycle, *pre_filter.entry)) {
      return false;
    }
  }
  selection.diagnosis.node_count = order_.size();
  selection.result = Selection::Result::kChosen;
  return true;
}

// Sums up, for each group in the race, the points that all of its nodes have alike.
bool ClassCache::AddGroupScores(const Cycle& cycle) {
  totals_.assign(race_.size(), 0);
  any_.clear();
  for (const NodeGroup& group : race_) any_.push_back(group.any);
  std::size_t feature = 0;
  for (const ProfilePlan::Score* score : scores_) {
    if (score->holds != Holds::kInGroup) {
      if (!score->entry->point->normalizes()) continue;
      if (!AddNormalized(cycle, *score, feature++)) return false;
      continue;
    }
    std::size_t offset = raw_count_;
    for (std::size_t m = 0; m < score->grouping; ++m) offset += memories_[m]->feature_count();
    for (std::size_t i = 0; i < race_.size(); ++i) {
      race_[i].features = groups_->features(numbers_[i]).data() + offset;
    }
    points_.assign(race_.size(), 0);
    if (!memories_[score->grouping]->Score(cycle.cluster, race_, absl::MakeSpan(points_))) continue;
    if (!AddPoints(score->entry->weight)) return false;
  }
  return true;
}

bool ClassCache::AddNormalized(const Cycle& cycle, const ProfilePlan::Score& score,
                               std::size_t feature) {
  points_.clear();
  for (const std::size_t group : numbers_) {
    points_.push_back(static_cast<std::int64_t>(groups_->features(group)[feature]));
  }
  score.entry->point->NormalizeScore(CycleOf(cycle), any_, absl::MakeSpan(points_));
  return AddPoints(score.entry->weight);
}

bool ClassCache::AddPoints(std::int64_t weight) {
  if (!InRange(points_)) return false;
  for (std::size_t i = 0; i < race_.size(); ++i) totals_[i] += points_[i] * weight;
  return true;
}

// Returns the position of the first node with the greatest total at or after `from`, round and
// round.
std::size_t ClassCache::FirstOfBest(std::size_t from) {
  std::int64_t greatest = std::numeric_limits<std::int64_t>::min();
  for (std::size_t i = 0; i < race_.size(); ++i) {
    greatest = std::max(greatest, totals_[i] + groups_->Best(numbers_[i]));
  }
  std::size_t nearest = kNoBest;
  for (std::size_t i = 0; i < race_.size(); ++i) {
    const std::int64_t best = groups_->Best(numbers_[i]);
    if (totals_[i] + best != greatest) continue;
    const std::size_t at = groups_->FirstFrom(numbers_[i], from, best);
    nearest = std::min(nearest, (at + order_.size() - from) % order_.size());
  }
  return (nearest + from) % order_.size();
}

void ClassCache::ChooseByRank(const Cycle& cycle, Selection& selection) {
  Ranking ranking;
  ranking.nodes = selection.feasible_count;
  std::int64_t best = NodeGroups::kAbsent;
  for (const std::size_t group : numbers_) best = std::max(best, groups_->Best(group));
  std::size_t first = kNoBest;
  for (const std::size_t group : numbers_) {
    if (groups_->Best(group) != best) continue;
    first = std::min(first, groups_->FirstFrom(group, 0, best));
    ranking.equals += groups_->CountOf(group, best);
  }
  ranking.first = order_.At(first);
  ranking.rank = RankOfValue(best);
  if (ranking.equals == 1 && ranking.nodes > 1) {
    std::int64_t second = NodeGroups::kAbsent;
    for (const std::size_t group : numbers_) {
      second = std::max(second, groups_->BestWithout(group, ranking.first));
    }
    std::size_t next = kNoBest;
    for (const std::size_t group : numbers_) {
      if (groups_->BestWithout(group, ranking.first) != second) continue;
      next = std::min(next, groups_->FirstFrom(group, 0, second, ranking.first));
    }
    ranking.next = order_.At(next);
    ranking.next_rank = RankOfValue(second);
  }
  selection.node = ranking.first;
  selection.set_filter_notes.emplace_back(plan_.ranking_plugin,
                                          plan_.ranking->Explain(cycle, ranking));
}

void ClassCache::CountBytes() {
  bytes_ = sizeof(*this) + groups_->bytes() + refused_.bytes();
  bytes_ += features_.capacity() * sizeof(std::uint64_t) + values_.capacity() * 16 +
            (rows_.capacity() + living_.capacity() + passing_.capacity()) * sizeof(NodeId) +
            verdicts_.capacity() * sizeof(Verdict) + points_.capacity() * 8;
  for (const auto& memory : memories_) bytes_ += memory->bytes();
}

}  // namespace heat_scheduler
