#include "plugins/defaults/scoring_strategy.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "scheduler/framework/plugin.h"

namespace heat_scheduler {
namespace {

// Shapes are drawn up to 10.
constexpr std::int64_t kShapeScale = kMaxNodeScore / 10;
constexpr std::int64_t kFullUtilization = 100;

[[gnu::noinline, gnu::cold]] std::int64_t PercentOfHuge(std::int64_t part, std::int64_t whole) {
  return static_cast<std::int64_t>(static_cast<__int128>(part) * 100 / whole);
}

// Returns part * 100 / whole.
std::int64_t PercentOf(std::int64_t part, std::int64_t whole) {
  // 92 PB times 100 leaves int64; the division of what does not takes a tenth of the time.
  constexpr std::int64_t kFactor = 100;
  if (part <= std::numeric_limits<std::int64_t>::max() / kFactor) return part * kFactor / whole;
  return PercentOfHuge(part, whole);
}

std::int64_t RatioScore(const std::vector<ShapePoint>& shape, const ResourceUse& use) {
  if (use.after > use.allocatable) return ShapeScore(shape, kFullUtilization);
  return ShapeScore(shape, PercentOf(use.after, use.allocatable));
}

// Returns the mean of what score_of(use) gives each resource, by weight, rounded down.
template <typename ScoreOf>
std::int64_t MeanOf(absl::Span<const ResourceUse> uses, ScoreOf score_of) {
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (const ResourceUse& use : uses) {
    sum += score_of(use) * use.weight;
    weights += use.weight;
  }
  return weights == 0 ? kMinNodeScore : sum / weights;
}

// Returns the mean of the scores that are not 0, rounded to the nearest.
std::int64_t MeanOfRatios(const std::vector<ShapePoint>& shape,
                          absl::Span<const ResourceUse> uses) {
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (const ResourceUse& use : uses) {
    const std::int64_t score = RatioScore(shape, use);
    if (score == 0) continue;
    sum += score * use.weight;
    weights += use.weight;
  }
  if (weights == 0) return kMinNodeScore;
  return static_cast<std::int64_t>(
      std::round(static_cast<double>(sum) / static_cast<double>(weights)));
}

}  // namespace

std::int64_t LeastRequestedScore(std::int64_t requested, std::int64_t capacity) {
  if (capacity <= 0 || requested > capacity) return kMinNodeScore;
  return PercentOf(capacity - requested, capacity);
}

std::int64_t MostRequestedScore(std::int64_t requested, std::int64_t capacity) {
  if (capacity <= 0) return kMinNodeScore;
  return PercentOf(std::min(requested, capacity), capacity);
}

std::int64_t ShapeScore(const std::vector<ShapePoint>& shape, std::int64_t utilization) {
  const auto score = [](const ShapePoint& point) { return point.score * kShapeScale; };
  const auto at = std::find_if(shape.begin(), shape.end(), [&](const ShapePoint& point) {
    return utilization <= point.utilization;
  });
  if (at == shape.begin()) return score(shape.front());
  if (at == shape.end()) return score(shape.back());
  const ShapePoint& before = *std::prev(at);
  return score(before) + (score(*at) - score(before)) * (utilization - before.utilization) /
                             (at->utilization - before.utilization);
}

std::int64_t StrategyScore(const ScoringStrategy& strategy, absl::Span<const ResourceUse> uses) {
  switch (strategy.type) {
    case ScoringStrategyType::kLeastAllocated:
      return MeanOf(uses, [](const ResourceUse& use) {
        return LeastRequestedScore(use.after, use.allocatable);
      });
    case ScoringStrategyType::kMostAllocated:
      return MeanOf(uses, [](const ResourceUse& use) {
        return MostRequestedScore(use.after, use.allocatable);
      });
    case ScoringStrategyType::kRequestedToCapacityRatio:
      return MeanOfRatios(strategy.shape, uses);
  }
  return kMinNodeScore;
}

}  // namespace heat_scheduler
