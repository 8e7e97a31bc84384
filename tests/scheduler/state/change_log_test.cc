#include "scheduler/state/change_log.h"

#include <gtest/gtest.h>

#include <vector>

namespace heat_scheduler {
namespace change_log_test {

using Rows = std::vector<std::uint32_t>;

TEST(ChangeLog, TellsEachRowOnceInOrder) {
  ChangeLog log;
  Rows rows = {99};
  EXPECT_TRUE(log.RowsSince(0, rows));
  EXPECT_EQ(rows, Rows());
  for (const std::uint32_t row : {5, 2, 5, 9}) log.Add(row);
  EXPECT_EQ(log.last(), 4u);
  EXPECT_TRUE(log.RowsSince(0, rows));
  EXPECT_EQ(rows, (Rows{2, 5, 9}));
  EXPECT_TRUE(log.RowsSince(2, rows));
  EXPECT_EQ(rows, (Rows{5, 9}));
  EXPECT_TRUE(log.RowsSince(4, rows));
  EXPECT_EQ(rows, Rows());
}

TEST(ChangeLog, DoesNotReachBackForEver) {
  ChangeLog log;
  for (std::uint32_t i = 0; i < ChangeLog::kCapacity; ++i) log.Add(1);
  Rows rows;
  EXPECT_TRUE(log.RowsSince(0, rows));
  log.Add(7);
  EXPECT_FALSE(log.RowsSince(0, rows));
  EXPECT_TRUE(log.RowsSince(1, rows));
  EXPECT_EQ(rows, (Rows{1, 7}));
  log.Add(8);
  EXPECT_TRUE(log.RowsSince(ChangeLog::kCapacity, rows));
  EXPECT_EQ(rows, (Rows{7, 8}));
}

}  // namespace change_log_test
}  // namespace heat_scheduler
