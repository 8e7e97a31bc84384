#include "scheduler/state/change_log.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace heat_scheduler {
namespace change_log_test {

constexpr Inputs kPods = {Input::kNodePods};
constexpr Inputs kLabels = {Input::kNodeLabels};

using Rows = std::vector<std::pair<std::uint32_t, Inputs>>;

// Returns what the log says; {{99, {}}} if it does not reach back so far.
Rows Since(const ChangeLog& log, std::uint64_t since) {
  std::vector<std::uint32_t> rows = {99};
  std::vector<Inputs> what = {kLabels};
  if (!log.RowsSince(since, rows, what)) return {{99, {}}};
  Rows told;
  EXPECT_EQ(rows.size(), what.size());
  for (std::size_t i = 0; i < rows.size(); ++i) told.emplace_back(rows[i], what[i]);
  return told;
}

const Rows kTooLate = {{99, {}}};

TEST(ChangeLog, TellsEachRowOnceInTheOrderOfLastChanges) {
  ChangeLog log;
  EXPECT_EQ(Since(log, 0), Rows());
  for (const std::uint32_t row : {5, 2, 5, 9}) log.Add(row, kPods);
  EXPECT_EQ(log.last(), 4u);
  EXPECT_EQ(Since(log, 0), (Rows{{2, kPods}, {5, kPods}, {9, kPods}}));
  EXPECT_EQ(Since(log, 1), (Rows{{2, kPods}, {5, kPods}, {9, kPods}}));
  EXPECT_EQ(Since(log, 3), (Rows{{9, kPods}}));
  EXPECT_EQ(Since(log, 4), Rows());
}

TEST(ChangeLog, JoinsWhatChangedOfARowSinceThen) {
  ChangeLog log;
  log.Add(1, kLabels);
  log.Add(1, kPods);
  log.Add(2, kPods);
  log.Add(1, {Input::kNodeTaints});
  const Inputs all = kLabels | kPods | Inputs{Input::kNodeTaints};
  EXPECT_EQ(Since(log, 0), (Rows{{2, kPods}, {1, all}}));
  EXPECT_EQ(Since(log, 1), (Rows{{2, kPods}, {1, kPods | Inputs{Input::kNodeTaints}}}));
  EXPECT_EQ(Since(log, 2), (Rows{{2, kPods}, {1, {Input::kNodeTaints}}}));
}

TEST(ChangeLog, DoesNotReachBackForEver) {
  ChangeLog log;
  for (std::uint32_t i = 0; i < ChangeLog::kCapacity; ++i) log.Add(1, kPods);
  EXPECT_EQ(Since(log, 0), (Rows{{1, kPods}}));
  log.Add(7, kLabels);
  EXPECT_EQ(Since(log, 0), kTooLate);
  EXPECT_EQ(Since(log, 1), (Rows{{1, kPods}, {7, kLabels}}));
  log.Add(1, kLabels);
  EXPECT_EQ(Since(log, 2), (Rows{{7, kLabels}, {1, kPods | kLabels}}));
  EXPECT_EQ(Since(log, ChangeLog::kCapacity), (Rows{{7, kLabels}, {1, kLabels}}));
}

}  // namespace change_log_test
}  // namespace heat_scheduler
