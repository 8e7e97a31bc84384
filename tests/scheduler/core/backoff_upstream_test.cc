// The rows of kube-scheduler's backoff_queue_test.go (v1.36), under its names.
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/core/scheduler.h"
#include "tests/scheduler/core/queue_bench.h"

namespace heat_scheduler {
namespace backoff_upstream_test {

using Place = QueueEntry::Place;

// ---- TestBackoffQueue_getBackoffTime, _calculateBackoffDuration ----

struct BackoffRow {
  std::string name;
  absl::Duration initial;
  absl::Duration max;
  int rejections;
  int errors;  // In a row, after the rejections.
  absl::Duration want;
};
void PrintTo(const BackoffRow& row, std::ostream* out) { *out << row.name; }
class BackoffDuration : public testing::TestWithParam<BackoffRow> {};

TEST_P(BackoffDuration, IsCalculated) {
  const BackoffRow& row = GetParam();
  Bench bench({row.initial, row.max, absl::Minutes(5)});
  QueueEntry& entry = bench.Add("p");
  for (int i = 0; i < row.rejections + row.errors; ++i) {
    if (entry.place != Place::kActive) bench.queue().Activate(entry, bench.now());
    bench.Pop();
    if (i < row.rejections) {
      bench.queue().RejectForNow(entry, bench.now());
    } else {
      bench.Fail("p");
    }
  }
  const absl::Duration due = bench.queue().NextDue().value_or(bench.now());
  EXPECT_EQ(due - bench.now(), row.want);
}

constexpr absl::Duration kNano = absl::Nanoseconds(1);

INSTANTIATE_TEST_SUITE_P(
    Rows, BackoffDuration,
    testing::ValuesIn(std::vector<BackoffRow>{
        {"NoBackoff", kNano, 32 * kNano, 0, 0, absl::ZeroDuration()},
        {"Normal", 3 * kNano, 1000 * kNano, 5, 0, 48 * kNano},
        {"HittingMaxBackoffDuration", kNano, 32 * kNano, 16, 0, 32 * kNano},
        {"Overflow32Bit", kNano, absl::Nanoseconds(std::numeric_limits<std::int32_t>::max()), 32, 0,
         absl::Nanoseconds(std::numeric_limits<std::int32_t>::max())},
        {"Overflow64Bit", kNano, absl::Nanoseconds(std::numeric_limits<std::int64_t>::max()), 64, 0,
         absl::Nanoseconds(std::numeric_limits<std::int64_t>::max())},
        {"ByUnschedulableCount", absl::Seconds(1), absl::Seconds(32), 16, 0, absl::Seconds(32)},
        {"ByConsecutiveErrorsCount", absl::Seconds(1), absl::Seconds(32), 5, 1, absl::Seconds(1)},
        {"ByManyConsecutiveErrors", absl::Seconds(1), absl::Seconds(32), 5, 16, absl::Seconds(32)},
        {"ZeroMaxBackoffDurationMeansNoBackoff", absl::ZeroDuration(), absl::ZeroDuration(), 16, 0,
         absl::ZeroDuration()},
        {"TheDefaults", SchedulerOptions{}.initial_backoff, SchedulerOptions{}.max_backoff, 4, 0,
         absl::Seconds(8)},
        {"TheDefaultsAtTheirEnd", SchedulerOptions{}.initial_backoff,
         SchedulerOptions{}.max_backoff, 5, 0, absl::Seconds(10)},
    }),
    [](const auto& row) { return row.param.name; });

// ---- TestBackoffQueue_popAllBackoffCompleted ----

struct CompletedRow {
  std::string name;
  std::vector<std::string> pods;  // pod0 and pod1 were rejected, pod2 and pod3 failed; the first
                                  // of each two seconds ago, the second just now.
  std::vector<std::string> moved;
};
void PrintTo(const CompletedRow& row, std::ostream* out) { *out << row.name; }
class PopAllBackoffCompleted : public testing::TestWithParam<CompletedRow> {};

TEST_P(PopAllBackoffCompleted, MovesThePodsWhoseBackoffIsOver) {
  Bench bench;
  const auto put = [&](const char* rejected, const char* failed) {
    for (const std::string& name : GetParam().pods) {
      if (name != rejected && name != failed) continue;
      bench.Add(name);
      bench.Pop();
      if (name == rejected) bench.queue().RejectForNow(bench.Of(name), bench.now());
      if (name == failed) bench.Fail(name);
    }
  };
  put("pod0", "pod2");
  // No time passes for the queue until all are there.
  std::vector<std::string> moved;
  bench.Pass(absl::Milliseconds(999));
  put("pod1", "pod3");
  bench.Pass(absl::Milliseconds(1));
  for (std::string name = bench.Pop(); !name.empty(); name = bench.Pop()) moved.push_back(name);
  EXPECT_EQ(moved, GetParam().moved);
  EXPECT_EQ(bench.queue().counts().backoff, GetParam().pods.size() - moved.size());
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PopAllBackoffCompleted,
    testing::ValuesIn(std::vector<CompletedRow>{
        {"BothQueuesEmpty", {}, {}},
        {"PodsOnlyInBackoffQ", {"pod0", "pod1"}, {"pod0"}},
        {"PodsOnlyInErrorBackoffQ", {"pod2", "pod3"}, {"pod2"}},
        {"PodsInBothQueuesSomeMoved", {"pod0", "pod1", "pod2", "pod3"}, {"pod0", "pod2"}},
        {"PodsInBothQueuesAllMoved", {"pod0", "pod2"}, {"pod0", "pod2"}},
        {"PodsInBothQueuesNoneMoved", {"pod1", "pod3"}, {}},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace backoff_upstream_test
}  // namespace heat_scheduler
