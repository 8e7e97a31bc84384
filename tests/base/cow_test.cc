#include "base/cow.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "absl/hash/hash.h"

namespace heat_scheduler {
namespace cow_test {

using Numbers = Cow<std::vector<int>>;

TEST(Cow, OfNothingTakesNoMemory) {
  const Numbers numbers;
  EXPECT_TRUE(numbers->empty());
  EXPECT_EQ(numbers.holders(), 0u);
}

TEST(Cow, SharesUntilOneChanges) {
  Numbers a(std::vector<int>{1, 2});
  Numbers b = a;
  EXPECT_TRUE(a.SharesWith(b));
  EXPECT_EQ(a.holders(), 2u);
  EXPECT_EQ(&*std::as_const(a), &*std::as_const(b));

  b->push_back(3);
  EXPECT_FALSE(a.SharesWith(b));
  EXPECT_EQ(*std::as_const(a), (std::vector<int>{1, 2}));
  EXPECT_EQ(*std::as_const(b), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(b.holders(), 1u);
}

TEST(Cow, ChangesInPlaceWhatNobodyShares) {
  Numbers numbers(std::vector<int>{1});
  const std::vector<int>* before = &*std::as_const(numbers);
  numbers->push_back(2);
  EXPECT_EQ(&*std::as_const(numbers), before);
}

TEST(Cow, EqualsByValue) {
  const Numbers a(std::vector<int>{1});
  const Numbers b(std::vector<int>{1});
  EXPECT_EQ(a, b);
  EXPECT_EQ(absl::HashOf(a), absl::HashOf(b));
  EXPECT_NE(a, Numbers());
  EXPECT_EQ(Numbers(std::vector<int>()), Numbers());
}

}  // namespace cow_test
}  // namespace heat_scheduler
