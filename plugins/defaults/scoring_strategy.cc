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

// Returns part * 100 / whole.
std::int64_t PercentOf(std::int64_t part, std::int64_t whole) {
  // 92 PB times 100 leaves int64; the division of what does not takes a tenth of the time.
  constexpr std::int64_t kFactor = 100;
  if (part <= std::numeric_limits<std::int64_t>::max() / kFactor) return part * kFactor / whole;
  return static_cast<std::int64_t>(static_cast<__int128>(part) * 100 / whole);
}

std::int64_t RatioScore(const std::vector<ShapePoint>& shape, const ResourceUse& use) {
  if (use.after > use.allocatable) return ShapeScore(shape, kFullUtilization);
  return ShapeScore(shape, PercentOf(use.after, use.allocatable));
}

std::int64_t ScoreOf(const ScoringStrategy& strategy, const ResourceUse& use) {
  switch (strategy.type) {
    case ScoringStrategyType::kLeastAllocated:
      return LeastRequestedScore(use.after, use.allocatable);
    case ScoringStrategyType::kMostAllocated:
      return MostRequestedScore(use.after, use.allocatable);
    case ScoringStrategyType::kRequestedToCapacityRatio:
      return RatioScore(strategy.shape, use);
  }
  return kMinNodeScore;
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
  const bool ratio = strategy.type == ScoringStrategyType::kRequestedToCapacityRatio;
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (const ResourceUse& use : uses) {
    const std::int64_t score = ScoreOf(strategy, use);
    if (ratio && score == 0) continue;
    sum += score * use.weight;
    weights += use.weight;
  }
  if (weights == 0) return kMinNodeScore;
  if (!ratio) return sum / weights;
  return static_cast<std::int64_t>(
      std::round(static_cast<double>(sum) / static_cast<double>(weights)));
}

}  // namespace heat_scheduler
