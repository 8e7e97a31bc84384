#include "scheduler/state/interner.h"

#include <string>

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace interner_test {

TEST(Interner, NumbersAreDenseInOrderOfFirstUse) {
  Interner interner;
  EXPECT_EQ(interner.Intern("a"), 0u);
  EXPECT_EQ(interner.Intern("b"), 1u);
  EXPECT_EQ(interner.Intern("a"), 0u);
  EXPECT_EQ(interner.Intern(""), 2u);
  EXPECT_EQ(interner.Text(1), "b");
}

TEST(Interner, FindGivesNoNumberAway) {
  Interner interner;
  EXPECT_EQ(interner.Find("a"), std::nullopt);
  EXPECT_EQ(interner.Intern("b"), 0u);
  EXPECT_EQ(interner.Find("b"), 0u);
}

TEST(Interner, TextsStayWhereTheyAreWhileOthersCome) {
  Interner interner;
  interner.Intern("first");
  const std::string* address = &interner.Text(0);
  for (int i = 0; i < 10'000; ++i) interner.Intern("text-" + std::to_string(i));
  EXPECT_EQ(&interner.Text(0), address);
  EXPECT_EQ(interner.Find("text-9999"), 10'000u);
}

}  // namespace interner_test
}  // namespace heat_scheduler
