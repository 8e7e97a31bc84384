#include "scheduler/core/best_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/random.h"

namespace heat_scheduler {
namespace best_tree_test {

// What the tree answers, by looking at all values.
std::size_t FirstFrom(const std::vector<std::int64_t>& values, std::size_t from,
                      std::int64_t value) {
  for (std::size_t i = from; i < values.size(); ++i) {
    if (values[i] >= value) return i;
  }
  return BestTree::kNowhere;
}

class BestTreeOfSize : public testing::TestWithParam<std::size_t> {};

TEST_P(BestTreeOfSize, AnswersAsAScanDoes) {
  const std::size_t size = GetParam();
  Random random(size);
  BestTree tree(size);
  std::vector<std::int64_t> values(size, BestTree::kAbsent);
  EXPECT_EQ(tree.best(), BestTree::kAbsent);
  for (int step = 0; step < 2000; ++step) {
    const std::size_t position = random.Below(size);
    const bool absent = random.Below(3) == 0;
    values[position] = absent ? BestTree::kAbsent : static_cast<std::int64_t>(random.Below(7)) - 3;
    tree.Set(position, values[position]);
    const std::int64_t best = *std::max_element(values.begin(), values.end());
    ASSERT_EQ(tree.best(), best);
    const std::size_t from = random.Below(size);
    const std::int64_t value = static_cast<std::int64_t>(random.Below(9)) - 4;
    ASSERT_EQ(tree.FindFrom(from, value), FirstFrom(values, from, value));
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, BestTreeOfSize,
                         testing::Values(1, 2, 7, 8, 9, 63, 64, 65, 300, 512, 513, 4096, 4097,
                                         5000),
                         testing::PrintToStringParamName());

}  // namespace best_tree_test
}  // namespace heat_scheduler
