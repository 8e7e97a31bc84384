#include "plugins/defaults/scoring_strategy.h"

#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {
namespace scoring_strategy_test {

using enum ScoringStrategyType;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST(LeastRequestedScore, RoundsDownAndNeverOverflows) {
  EXPECT_EQ(LeastRequestedScore(0, 10), 100);
  EXPECT_EQ(LeastRequestedScore(1, 3), 66);
  EXPECT_EQ(LeastRequestedScore(10, 10), 0);
  EXPECT_EQ(LeastRequestedScore(11, 10), 0);
  EXPECT_EQ(LeastRequestedScore(0, 0), 0);
  EXPECT_EQ(LeastRequestedScore(0, kMax), 100);
  EXPECT_EQ(LeastRequestedScore(kMax / 2, kMax), 50);
  EXPECT_EQ(LeastRequestedScore(kMax, kMax - 1), 0);
}

TEST(MostRequestedScore, RoundsDownAndNeverOverflows) {
  EXPECT_EQ(MostRequestedScore(0, 10), 0);
  EXPECT_EQ(MostRequestedScore(2, 3), 66);
  EXPECT_EQ(MostRequestedScore(10, 10), 100);
  EXPECT_EQ(MostRequestedScore(11, 10), 100);
  EXPECT_EQ(MostRequestedScore(1, 0), 0);
  EXPECT_EQ(MostRequestedScore(kMax, kMax - 1), 100);
  EXPECT_EQ(MostRequestedScore(kMax / 4, kMax), 24);
}

TEST(ShapeScore, FollowsTheLinesBetweenThePoints) {
  const std::vector<ShapePoint> shape = {{10, 1}, {50, 10}, {70, 5}, {90, 0}};
  EXPECT_EQ(ShapeScore(shape, 0), 10);
  EXPECT_EQ(ShapeScore(shape, 10), 10);
  EXPECT_EQ(ShapeScore(shape, 11), 12);  // 10 + 90 * 1 / 40.
  EXPECT_EQ(ShapeScore(shape, 50), 100);
  EXPECT_EQ(ShapeScore(shape, 51), 98);  // 100 + (-50) * 1 / 20, towards 0.
  EXPECT_EQ(ShapeScore(shape, 70), 50);
  EXPECT_EQ(ShapeScore(shape, 90), 0);
  EXPECT_EQ(ShapeScore(shape, 100), 0);
  EXPECT_EQ(ShapeScore({{40, 3}}, 100), 30);
}

struct Row {
  std::string name;
  ScoringStrategyType type;
  std::vector<ShapePoint> shape;
  std::vector<ResourceUse> uses;
  std::int64_t expected;
};

class StrategyScoreTest : public testing::TestWithParam<Row> {};

TEST_P(StrategyScoreTest, TakesTheMeanByWeight) {
  const ScoringStrategy strategy = {.type = GetParam().type, .shape = GetParam().shape};
  EXPECT_EQ(StrategyScore(strategy, GetParam().uses), GetParam().expected);
}

const std::vector<ShapePoint> kBinPacking = {{0, 0}, {100, 10}};
const std::vector<ShapePoint> kSpreading = {{0, 10}, {100, 0}};

INSTANTIATE_TEST_SUITE_P(
    Table, StrategyScoreTest,
    testing::Values(
        Row{"Nothing", kLeastAllocated, {}, {}, 0},
        // (75 * 1 + 50 * 3) / 4.
        Row{"Least", kLeastAllocated, {}, {{0, 1, 4, 1}, {0, 4, 8, 3}}, 56},
        Row{"LeastBeyondTheNode", kLeastAllocated, {}, {{0, 9, 4, 1}, {0, 4, 8, 1}}, 25},
        // (25 * 1 + 50 * 3) / 4.
        Row{"Most", kMostAllocated, {}, {{0, 1, 4, 1}, {0, 4, 8, 3}}, 43},
        Row{"MostBeyondTheNode", kMostAllocated, {}, {{0, 9, 4, 1}, {0, 4, 8, 1}}, 75},
        // (25 + 50) / 2 = 37.5, to the nearest.
        Row{"RatioRounds",
            kRequestedToCapacityRatio,
            kBinPacking,
            {{0, 1, 4, 1}, {0, 4, 8, 1}},
            38},
        Row{"RatioLeavesZerosOut",
            kRequestedToCapacityRatio,
            kBinPacking,
            {{0, 0, 4, 5}, {0, 4, 8, 1}},
            50},
        Row{"RatioOfAllZeros", kRequestedToCapacityRatio, kBinPacking, {{0, 0, 4, 5}}, 0},
        Row{"RatioBeyondTheNode", kRequestedToCapacityRatio, kBinPacking, {{0, 9, 4, 1}}, 100},
        Row{"RatioSpreading",
            kRequestedToCapacityRatio,
            kSpreading,
            {{0, 1, 4, 2}, {0, 9, 8, 1}, {0, 3, 8, 3}},
            68},  // (75 * 2 + 63 * 3) / 5 = 67.8.
        Row{"RatioOfVeryMuch",
            kRequestedToCapacityRatio,
            kBinPacking,
            {{0, kMax / 2, kMax, 1}},
            49}),
    [](const auto& row) { return row.param.name; });

RC_GTEST_PROP(StrategyScoreLaw, IsAScoreWhateverIsRequested, ()) {
  ScoringStrategy strategy;
  strategy.type = *rc::gen::element(kLeastAllocated, kMostAllocated, kRequestedToCapacityRatio);
  strategy.shape = {{0, *rc::gen::inRange(0, 11)}, {60, *rc::gen::inRange(0, 11)}};
  std::vector<ResourceUse> uses;
  for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
    uses.push_back({0, *rc::gen::inRange<std::int64_t>(0, kMax),
                    *rc::gen::inRange<std::int64_t>(1, kMax), *rc::gen::inRange(1, 101)});
  }
  const std::int64_t score = StrategyScore(strategy, uses);
  RC_ASSERT(score >= kMinNodeScore);
  RC_ASSERT(score <= kMaxNodeScore);
}

}  // namespace scoring_strategy_test
}  // namespace heat_scheduler
