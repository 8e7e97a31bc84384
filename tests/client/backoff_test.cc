#include "kube/client/backoff.h"

#include <gtest/gtest.h>

namespace heat_scheduler::kube {
namespace backoff_test {

TEST(Backoff, DoublesFrom800MillisecondsTo30SecondsWithJitter) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    Backoff backoff(random);
    absl::Duration now = absl::Seconds(5);
    for (const double base : {0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0}) {
      const absl::Duration wait = backoff.Next(now);
      EXPECT_GE(wait, absl::Seconds(base));
      EXPECT_LT(wait, absl::Seconds(2 * base));
      now += wait;
    }
  }
}

TEST(Backoff, StartsAgainAfterTwoQuietMinutes) {
  Random random(1);
  Backoff backoff(random);
  backoff.Next(absl::Seconds(0));
  backoff.Next(absl::Seconds(10));
  EXPECT_GE(backoff.Next(absl::Seconds(129)), absl::Seconds(3.2));
  EXPECT_LT(backoff.Next(absl::Seconds(249)), absl::Seconds(1.6));
}

TEST(Backoff, JitterDiffersBetweenSeeds) {
  Random first_random(1), second_random(2);
  Backoff first(first_random), second(second_random);
  EXPECT_NE(first.Next({}), second.Next({}));
}

}  // namespace backoff_test
}  // namespace heat_scheduler::kube
