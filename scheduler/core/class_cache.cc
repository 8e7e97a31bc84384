#include "scheduler/core/class_cache.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <utility>

#include "scheduler/core/node_filters.h"

namespace heat_scheduler {
namespace {

// After so many evaluated rows for each node everything is begun anew: what plugins keep in cycle
// data is not made to grow for long.
constexpr std::uint64_t kRoundsOfEvaluation = 256;
// So many kinds of refusals, and one for each node, are kept; those without rows are among them.
constexpr std::size_t kMostKinds = 1024;
// How often the memory is counted.
constexpr std::uint64_t kUpdatesBetweenCounts = 256;
constexpr std::size_t kNoBest = ~std::size_t{0};

bool InRange(absl::Span<const std::int64_t> points) {
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
  record.facts.claims.clear();
}

ClassCache::ClassCache(const ProfilePlan& plan, const NodeOrder& order, ClassWork& work,
                       const Cycle& cycle)
    : plan_(plan),
      order_(order),
      work_(work),
      example_(cycle),
      rejections_(plan, order, keepsake_) {}

bool ClassCache::Update(const Cycle& cycle) {
  const ClusterState& cluster = cycle.cluster;
  if (!begun_ || cluster.ObjectsVersion(plan_.objects_read) != objects_ ||
      evaluated_ > kRoundsOfEvaluation * order_.size() ||
      refused_.kinds().size() > kMostKinds + order_.size() || !VolumesChangedNothing(cycle) ||
      !cluster.ChangedRows(sequence_, work_.rows, work_.what)) {
    return Begin(cycle);
  }
  const std::uint64_t told = cluster.ObjectsVersion(kObjectsRead);
  if (work_.rows.empty() && told == memories_told_) return true;
  memories_told_ = told;
  for (const auto& memory : memories_) {
    if (!memory->Update(cluster, work_.rows)) return Begin(cycle);
  }
  if (order_.version() != order_version_) {
    for (const NodeId row : work_.rows) {
      if (cluster.columns().node[row] == nullptr) groups_->Remove(row);
    }
    groups_->Reorder();
    order_version_ = order_.version();
  }
  sequence_ = cluster.sequence();
  if (!Evaluate(cycle, work_.rows, work_.what)) return false;
  if (++updates_ % kUpdatesBetweenCounts == 0) CountBytes();
  return true;
}

bool ClassCache::Begin(const Cycle& cycle) {
  const ClusterState& cluster = cycle.cluster;
  begun_ = false;
  state_ = {};
  refused_ = {};
  keepsake_ = {};
  normalized_of_ = 0;
  kept_for_claims_ = {};
  evaluated_ = 0;
  if (!RunPreFilters(cycle) || !RunPreScores(cycle)) return false;
  work_.rows.resize(cluster.columns().name.size());
  for (NodeId row = 0; row < work_.rows.size(); ++row) work_.rows[row] = row;
  memories_.clear();
  offsets_.clear();
  for (const ProfilePlan::Grouping& grouping : plan_.grouping) {
    memories_.push_back(grouping.point->Remember(example_.record, cluster));
    if (!memories_.back()->Update(cluster, work_.rows)) return false;
    offsets_.push_back(feature_count_);
    feature_count_ += memories_.back()->feature_count();
    if (memories_.back()->feature_inputs().Intersects(kRestless)) restless_features_ = true;
  }
  groups_ = std::make_unique<NodeGroups>(order_, feature_count_, plan_.ranking != nullptr);
  sequence_ = cluster.sequence();
  objects_ = cluster.ObjectsVersion(plan_.objects_read);
  memories_told_ = cluster.ObjectsVersion(kObjectsRead);
  order_version_ = order_.version();
  if (!Evaluate(cycle, cluster.nodes(), {})) return false;
  begun_ = true;
  CountBytes();
  return true;
}

bool ClassCache::RunPreFilters(const Cycle& cycle) {
  const Cycle own = CycleOf(cycle);
  volumes_ = cycle.cluster.ObjectsVersion({Input::kVolumes});
  asked_each_time_.clear();
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
    if (!skip &&
        (pre_filter.reserves || !Within(pre_filter.inputs, kOfPod | Inputs{Input::kVolumes}))) {
      asked_each_time_.push_back(&pre_filter);
    }
  }
  filters_.clear();
  restless_filters_.clear();
  for (const ProfilePlan::Filter& filter : plan_.filters) {
    if (filter.holds == Holds::kInGroup || state_.FilterSkipped(filter.entry->plugin)) continue;
    if (filter.holds == Holds::kOnce) return false;
    filters_.push_back(&filter);
    if (filter.restless) restless_filters_.push_back(&filter);
  }
  return true;
}

// Returns false if a plugin takes the pods otherwise now than it did before volumes changed.
bool ClassCache::VolumesChangedNothing(const Cycle& cycle) {
  const std::uint64_t version = cycle.cluster.ObjectsVersion({Input::kVolumes});
  if (version == volumes_) return true;
  volumes_ = version;
  CycleState scratch;
  const Cycle own{cycle.cluster, example_.record, scratch, cycle.now, cycle.chance};
  for (const ProfilePlan::PreFilter& pre_filter : plan_.pre_filters) {
    const bool reads_volumes = pre_filter.inputs.Has(Input::kVolumes);
    if (pre_filter.grouping != ProfilePlan::kNowhere || !reads_volumes) continue;
    // What it made of the volumes is not what it would make of them now.
    if (!state_.FilterSkipped(pre_filter.entry->plugin)) return false;
    if (!RunPreFilterOf(own, pre_filter)) return false;
  }
  return true;
}

bool ClassCache::RunPreScores(const Cycle& cycle) {
  const Cycle own = CycleOf(cycle);
  scores_.clear();
  raw_count_ = 0;
  restless_features_ = false;
  for (const ProfilePlan::Score& score : plan_.scores) {
    if (score.holds != Holds::kInGroup) {
      Status status;
      if (score.pre_score != nullptr) {
        status = score.pre_score->point->PreScore(own, cycle.cluster.nodes());
      }
      if (status.code == Code::kSkip) continue;
      if (!status.ok() || score.holds == Holds::kOnce) return false;
    }
    const bool by_row = score.holds != Holds::kInGroup;
    const bool is_feature = by_row && (score.entry->point->normalizes() || !score.restless);
    scores_.push_back({&score, is_feature ? raw_count_++ : kNoFeature});
    if (is_feature && score.restless) restless_features_ = true;
  }
  feature_count_ = raw_count_;
  return true;
}

bool ClassCache::Evaluate(const Cycle& cycle, NodeSpan rows, absl::Span<const Inputs> what) {
  evaluated_ += rows.size();
  SortOut(cycle, rows, what);
  if (!RunFilters(cycle)) return false;
  NoteRefusals(cycle);
  for (const NodeId row : work_.living) refused_.Clear(row);
  return TakeIn(cycle, work_.living, false) && TakeIn(cycle, work_.standing, true);
}

// Scores nodes that pass, and puts them into their groups; with `stand`, only what is restless of
// them has changed.
bool ClassCache::TakeIn(const Cycle& cycle, NodeSpan nodes, bool stand) {
  if (nodes.empty()) return true;
  const bool groups_stay = stand && !restless_features_;
  if (!groups_stay) {
    work_.features.assign(nodes.size() * feature_count_, 0);
    if (stand) RecallRawPoints(nodes);
  }
  if (!RunScores(cycle, nodes, stand)) return false;
  if (groups_stay) {
    for (std::size_t i = 0; i < nodes.size(); ++i) groups_->SetValue(nodes[i], work_.values[i]);
    return true;
  }
  for (std::size_t m = 0; m < memories_.size(); ++m) {
    const std::size_t count = memories_[m]->feature_count();
    for (std::size_t i = 0; i < nodes.size() && count > 0; ++i) {
      memories_[m]->Features(nodes[i], {&work_.features[i * feature_count_ + offsets_[m]], count});
    }
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    groups_->Put(nodes[i], work_.values[i],
                 {work_.features.data() + i * feature_count_, feature_count_});
  }
  return true;
}

// Sets living, standing and with_rivals; forgets rows that have no node.
void ClassCache::SortOut(const Cycle& cycle, NodeSpan rows, absl::Span<const Inputs> what) {
  const auto& nodes = cycle.cluster.columns().node;
  const bool rivals = cycle.cluster.nomination_count() > 0;
  const Cycle own = CycleOf(cycle);
  work_.living.clear();
  work_.standing.clear();
  work_.with_rivals.clear();
  for (const NodeId row : rows) groups_->PrefetchMember(row);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const NodeId row = rows[i];
    if (nodes[row] == nullptr) {
      groups_->Remove(row);
      refused_.Clear(row);
    } else if (rivals && HasRivals(own, row)) {
      work_.with_rivals.push_back(row);
    } else if (!what.empty() && Within(what[i], kRestless) && groups_->Has(row)) {
      work_.standing.push_back(row);
      groups_->PrefetchValue(row);
    } else {
      work_.living.push_back(row);
    }
  }
}

void ClassCache::RecallRawPoints(NodeSpan nodes) {
  for (std::size_t i = 0; i < nodes.size() && raw_count_ > 0; ++i) {
    const NodeGroups::Features known = groups_->features(groups_->NumberOf(nodes[i]));
    std::copy_n(known.begin(), raw_count_, &work_.features[i * feature_count_]);
  }
}

// Sets the values of nodes, and writes the raw points among their features; with `stand`, asks the
// plugins that are restless alone.
bool ClassCache::RunScores(const Cycle& cycle, NodeSpan nodes, bool stand) {
  const absl::Span<std::int64_t> values = Fresh(work_.values, nodes.size());
  if (plan_.ranking != nullptr) {
    if (!stand || plan_.ranking_restless) {
      RunRanks(cycle, nodes);
      return true;
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) values[i] = groups_->ValueOf(nodes[i]);
    return true;
  }
  const Cycle own = CycleOf(cycle);
  for (const Scoring& scoring : scores_) {
    const ProfilePlan::Score& score = *scoring.score;
    if (score.holds == Holds::kInGroup || (stand && !score.restless)) continue;
    const absl::Span<std::int64_t> points = Fresh(work_.points, nodes.size());
    score.entry->point->Score(own, nodes, points);
    if (scoring.feature != kNoFeature) {
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        work_.features[i * feature_count_ + scoring.feature] =
            static_cast<std::uint64_t>(points[i]);
      }
      continue;
    }
    if (!InRange(points)) return false;
    const std::int64_t weight = score.entry->weight;
    for (std::size_t i = 0; i < nodes.size(); ++i) values[i] += points[i] * weight;
  }
  return true;
}

void ClassCache::RunRanks(const Cycle& cycle, NodeSpan nodes) {
  work_.ranks.assign(nodes.size(), 0);
  plan_.ranking->Rank(CycleOf(cycle), nodes, absl::MakeSpan(work_.ranks));
  for (std::size_t i = 0; i < nodes.size(); ++i) work_.values[i] = ValueOfRank(work_.ranks[i]);
}

bool ClassCache::Choose(const Cycle& cycle, std::size_t from, Selection& selection) {
  std::optional<NodeRejection> nominated;
  if (!LookAtNominated(cycle, selection, nominated)) return false;
  if (selection.nominated) return true;
  if (cycle.facts().claims.empty()) return ChooseAmong(cycle, from, selection, nominated);
  return ChooseForClaims(cycle, from, selection, nominated);
}

bool ClassCache::ChooseAmong(const Cycle& cycle, std::size_t from, Selection& selection,
                             const std::optional<NodeRejection>& nominated) {
  CollectGroups();
  if (work_.race.empty()) return Diagnose(cycle, nominated, selection);
  selection.feasible_count = 0;
  for (const NodeGroup& group : work_.race) selection.feasible_count += group.size;
  if (plan_.ranking != nullptr) {
    ChooseByRank(cycle, selection);
  } else if (selection.feasible_count == 1) {
    selection.node = work_.race.front().any;
  } else {
    if (!AddGroupScores(cycle)) return false;
    selection.node = order_.At(FirstOfBest(from));
  }
  for (const ProfilePlan::PreFilter* pre_filter : asked_each_time_) {
    if (!RunPreFilterOf(cycle, *pre_filter)) return false;
  }
  selection.diagnosis.node_count = order_.size();
  selection.result = Selection::Result::kChosen;
  return true;
}

// Sums up, for each group in the race, the points that all of its nodes have alike.
bool ClassCache::AddGroupScores(const Cycle& cycle) {
  const bool all_race = work_.refused_groups.empty();
  // What all have alike decides nothing.
  const bool alone = work_.race.size() == 1;
  if (alone && all_race && normalized_of_ == groups_->version()) return true;
  if (!all_race || normalized_of_ != groups_->version()) {
    work_.totals.assign(work_.race.size(), 0);
    if (!AddNormalizedScores(cycle)) return false;
    normalized_ = work_.totals;
    normalized_of_ = all_race ? groups_->version() : 0;
  }
  if (alone) return true;
  work_.totals = normalized_;
  for (const Scoring& scoring : scores_) {
    const ProfilePlan::Score& score = *scoring.score;
    if (score.holds != Holds::kInGroup) continue;
    ShowFeatures(score.grouping);
    work_.points.assign(work_.race.size(), 0);
    if (!memories_[score.grouping]->Score(cycle.cluster, work_.race, absl::MakeSpan(work_.points)))
      continue;
    if (!AddPoints(score.entry->weight)) return false;
  }
  return true;
}

bool ClassCache::AddNormalizedScores(const Cycle& cycle) {
  work_.any.clear();
  for (const NodeGroup& group : work_.race) work_.any.push_back(group.any);
  for (const Scoring& scoring : scores_) {
    if (scoring.feature == kNoFeature) continue;
    if (!AddNormalized(cycle, *scoring.score, scoring.feature)) return false;
  }
  return true;
}

bool ClassCache::AddNormalized(const Cycle& cycle, const ProfilePlan::Score& score,
                               std::size_t feature) {
  work_.points.clear();
  for (const std::size_t group : work_.numbers) {
    work_.points.push_back(static_cast<std::int64_t>(groups_->features(group)[feature]));
  }
  if (score.entry->point->normalizes()) {
    score.entry->point->NormalizeScore(CycleOf(cycle), work_.any, absl::MakeSpan(work_.points));
  }
  return AddPoints(score.entry->weight);
}

bool ClassCache::AddPoints(std::int64_t weight) {
  if (!InRange(work_.points)) return false;
  for (std::size_t i = 0; i < work_.race.size(); ++i) work_.totals[i] += work_.points[i] * weight;
  return true;
}

// Returns the position of the first node with the greatest total at or after `from`, round and
// round.
std::size_t ClassCache::FirstOfBest(std::size_t from) {
  if (work_.race.size() == 1) {
    const std::size_t group = work_.numbers.front();
    return groups_->FirstFrom(group, from, groups_->Best(group));
  }
  std::int64_t greatest = std::numeric_limits<std::int64_t>::min();
  for (std::size_t i = 0; i < work_.race.size(); ++i) {
    greatest = std::max(greatest, work_.totals[i] + groups_->Best(work_.numbers[i]));
  }
  std::size_t nearest = kNoBest;
  for (std::size_t i = 0; i < work_.race.size(); ++i) {
    const std::int64_t best = groups_->Best(work_.numbers[i]);
    if (work_.totals[i] + best != greatest) continue;
    const std::size_t at = groups_->FirstFrom(work_.numbers[i], from, best);
    nearest = std::min(nearest, (at + order_.size() - from) % order_.size());
  }
  return (nearest + from) % order_.size();
}

void ClassCache::ChooseByRank(const Cycle& cycle, Selection& selection) {
  Ranking ranking;
  ranking.nodes = selection.feasible_count;
  std::int64_t best = NodeGroups::kAbsent;
  for (const std::size_t group : work_.numbers) best = std::max(best, groups_->Best(group));
  std::size_t first = kNoBest;
  for (const std::size_t group : work_.numbers) {
    if (groups_->Best(group) != best) continue;
    first = std::min(first, groups_->FirstFrom(group, 0, best));
    ranking.equals += groups_->CountOf(group, best);
  }
  ranking.first = order_.At(first);
  ranking.rank = RankOfValue(best);
  if (ranking.equals == 1 && ranking.nodes > 1) {
    std::int64_t second = NodeGroups::kAbsent;
    for (const std::size_t group : work_.numbers) {
      second = std::max(second, groups_->BestWithout(group, ranking.first));
    }
    std::size_t next = kNoBest;
    for (const std::size_t group : work_.numbers) {
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
  for (const auto& memory : memories_) bytes_ += memory->bytes();
}

}  // namespace heat_scheduler
