#include "base/random.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace heat_scheduler {
namespace random_test {

TEST(Random, GivesTheSequenceThatTheStandardFixes) {
  // [rand.predef]: the 10,000th number of a default mt19937_64, whose seed is 5489.
  Random random(5489);
  std::uint64_t last = 0;
  for (int i = 0; i < 10'000; ++i) last = random.Bits();
  EXPECT_EQ(last, 9981545732273789042u);
}

TEST(Random, DrawsBelowItsBound) {
  Random random(1);
  std::array<int, 3> counts{};
  for (int i = 0; i < 3000; ++i) ++counts[random.Below(3)];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 120);
  EXPECT_EQ(random.Below(1), 0u);
}

TEST(Random, DrawsFractionsBelowOne) {
  Random random(1);
  double sum = 0;
  for (int i = 0; i < 3000; ++i) {
    const double unit = random.Unit();
    ASSERT_GE(unit, 0.0);
    ASSERT_LT(unit, 1.0);
    sum += unit;
  }
  EXPECT_NEAR(sum / 3000, 0.5, 0.03);
}

TEST(Random, ChanceZeroNeverHappensChanceOneAlwaysDoes) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(random.Chance(0));
    EXPECT_TRUE(random.Chance(1));
  }
}

RC_GTEST_PROP(Random, RepeatsWithItsSeed, (std::uint64_t seed)) {
  Random a(seed);
  Random b(seed);
  const std::uint64_t bound = *rc::gen::inRange<std::uint64_t>(1, 1'000'000);
  for (int i = 0; i < 10; ++i) {
    const std::uint64_t drawn = a.Below(bound);
    RC_ASSERT(drawn < bound);
    RC_ASSERT(drawn == b.Below(bound));
  }
}

TEST(Mix, IsTheSameEverywhere) {
  EXPECT_EQ(Mix(0, 0), 15034821391391295848u);
  EXPECT_EQ(Mix(1, 2), 571542372673154031u);
  EXPECT_EQ(Mix(2, 1), 18110323628208699528u);
}

}  // namespace random_test
}  // namespace heat_scheduler
