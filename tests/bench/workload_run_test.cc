// Every tiny workload ends as its file says, placed the same by both selections.

#include "bench/workload_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace heat_scheduler {

void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << outcome.placed << " placed, " << outcome.pending << " pending, " << outcome.evicted
       << " evicted";
}

namespace workload_run_test {

// A test each: they are named when no file can be read yet.
constexpr const char* kFiles[] = {
    "affinity", "basic", "growth", "heat", "mixes", "preemption", "topology_spreading", "volumes"};

absl::StatusOr<RunResult> ResultOf(const Workload& workload, const RunOptions& options) {
  absl::StatusOr<std::unique_ptr<WorkloadRun>> run = WorkloadRun::Create(workload, options);
  if (!run.ok()) return run.status();
  const absl::Status prepared = (*run)->Prepare();
  if (!prepared.ok()) return prepared;
  return (*run)->Measure();
}

void ExpectSameEnd(const Workload& workload, RunOptions options) {
  const absl::StatusOr<RunResult> fast = ResultOf(workload, options);
  options.selector = SelectorKind::kFullScan;
  const absl::StatusOr<RunResult> full = ResultOf(workload, options);
  ASSERT_TRUE(fast.ok()) << fast.status();
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_EQ(fast->outcome, workload.expect);
  EXPECT_EQ(full->outcome, workload.expect);
  EXPECT_EQ(fast->checksum, full->checksum);
  EXPECT_EQ(fast->measured_decided, workload.measured_pods());
  EXPECT_EQ(static_cast<std::int64_t>(fast->decision_nanos.size()), fast->deciding.count);
  EXPECT_GE(fast->arrivals.count, workload.measured_pods());
}

class TinyWorkloadsTest : public testing::TestWithParam<const char*> {};

TEST_P(TinyWorkloadsTest, EndAsTheyShouldWithBothSelections) {
  const absl::StatusOr<std::vector<Workload>> workloads =
      LoadWorkloads(absl::StrCat(WORKLOADS, "/", GetParam(), ".yaml"));
  ASSERT_TRUE(workloads.ok()) << workloads.status();
  for (const Workload& workload : *workloads) {
    if (!workload.HasLabel("tiny")) continue;
    SCOPED_TRACE(workload.name);
    RunOptions options;
    options.seed = 7;
    ExpectSameEnd(workload, options);
    options.tie_rule = TieRule::kSmallestName;
    ExpectSameEnd(workload, options);
  }
}

INSTANTIATE_TEST_SUITE_P(Files, TinyWorkloadsTest, testing::ValuesIn(kFiles),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(TinyWorkloads, AreThoseOfAllFiles) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(WORKLOADS)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().stem().string());
  }
  EXPECT_THAT(files, testing::UnorderedElementsAreArray(kFiles));
}

}  // namespace workload_run_test
}  // namespace heat_scheduler
