#include "bench/placements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bench/workload.h"
#include "bench/workload_run.h"

namespace heat_scheduler {
namespace placements_test {

using testing::ElementsAre;
using testing::HasSubstr;

Workload TheWorkload(const std::string& name) {
  std::vector<Workload> workloads = LoadWorkloads(WORKLOADS).value();
  return *std::find_if(workloads.begin(), workloads.end(),
                       [&](const Workload& workload) { return workload.name == name; });
}

// Returns the lines of a run with that seed.
std::string LinesOf(const Workload& workload, std::uint64_t seed) {
  RunOptions options;
  options.seed = seed;
  std::unique_ptr<WorkloadRun> run = WorkloadRun::Create(workload, options).value();
  std::string lines;
  run->set_placer([&](const Attempt& attempt, bool) -> absl::StatusOr<std::string> {
    lines += PlacementLine(attempt);
    return attempt.node;
  });
  EXPECT_TRUE(run->Prepare().ok());
  EXPECT_TRUE(run->Measure().ok());
  return lines;
}

struct Followed {
  absl::Status status;
  std::int64_t checked = 0;
  std::vector<std::string> differences;
};

// Follows the lines with a machine whose ties fall otherwise.
Followed Follow(const Workload& workload, const std::string& lines) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) /
      (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".txt");
  std::ofstream(path) << lines;
  absl::StatusOr<PlacementFollower> follower = PlacementFollower::Load(path.string());
  std::filesystem::remove(path);
  Followed followed;
  followed.status = follower.status();
  if (!follower.ok()) return followed;
  RunOptions options;
  options.tie_rule = TieRule::kSmallestName;
  options.keep_best = true;
  std::unique_ptr<WorkloadRun> run = WorkloadRun::Create(workload, options).value();
  run->set_placer(
      [&](const Attempt& attempt, bool measured) { return follower->Place(attempt, measured); });
  run->set_placed_before([&](const kube::Pod& pod) { return follower->PlaceBefore(pod); });
  followed.status = run->Prepare();
  if (followed.status.ok()) {
    const absl::StatusOr<RunResult> result = run->Measure();
    followed.status = result.status();
    EXPECT_TRUE(!result.ok() || result->outcome == workload.expect);
  }
  followed.checked = follower->checked();
  followed.differences = follower->differences();
  return followed;
}

TEST(PlacementFollower, FindsAnotherChoiceAmongTheBest) {
  for (const char* name : {"SchedulingBasic/5Nodes", "TopologySpreading/5Nodes",
                           "MixedSchedulingBasePod/5Nodes", "AlmostFull/5Nodes"}) {
    const Workload workload = TheWorkload(name);
    const std::string lines = LinesOf(workload, 3);
    EXPECT_NE(lines, LinesOf(workload, 4)) << name;
    const Followed followed = Follow(workload, lines);
    EXPECT_TRUE(followed.status.ok()) << followed.status;
    EXPECT_THAT(followed.differences, ElementsAre()) << name;
    EXPECT_EQ(followed.checked, workload.measured_pods()) << name;
  }
}

// The lines of the workload, the node of one of them replaced.
std::string Falsified(std::string lines, const std::string& pod, const std::string& node) {
  const std::size_t start = lines.find(pod + " ") + pod.size() + 1;
  return lines.replace(start, lines.find('\n', start) - start, node);
}

TEST(PlacementFollower, ReportsWhatIsNotBest) {
  // Node 0 has the first pods, the others have none.
  const Workload workload = TheWorkload("SchedulingBasic/5Nodes");
  std::string lines;
  for (int i = 0; i < 5; ++i) {
    lines += "namespace-1/pod-1-" + std::to_string(i) + " node-0-0\n";
  }
  const Followed followed = Follow(workload, lines + "namespace-2/pod-2-0 node-0-0\n");
  EXPECT_EQ(followed.status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(followed.checked, 1);
  ASSERT_EQ(followed.differences.size(), 1U);
  EXPECT_THAT(
      followed.differences.front(),
      HasSubstr("namespace-2/pod-2-0: node-0-0 is none of the 4 best nodes, one of which "));
}

TEST(PlacementFollower, StopsWhereItCannotGoOn) {
  const Workload workload = TheWorkload("SchedulingBasic/5Nodes");
  const std::string lines = LinesOf(workload, 3);
  EXPECT_THAT(
      std::string(Follow(workload, Falsified(lines, "namespace-2/pod-2-0", "-")).status.message()),
      HasSubstr("namespace-2/pod-2-0: is on no node, here on node-0-"));
  EXPECT_THAT(std::string(Follow(workload, "namespace-1/pod-1-1 node-0-0\n").status.message()),
              HasSubstr("namespace-1/pod-1-0: is not on the list where it comes, here on node-0-"));
  const std::string other = Falsified(lines, "namespace-2/pod-2-0", "node-0-0\nother/pod node-0-0");
  EXPECT_THAT(std::string(Follow(workload, other).status.message()),
              HasSubstr("line 7 is about other/pod, here it is the turn of namespace-2/pod-2-1"));
  EXPECT_THAT(std::string(Follow(workload, "pod\n").status.message()),
              HasSubstr("want \"<namespace>/<pod> <node>\", got \"pod\""));
}

}  // namespace placements_test
}  // namespace heat_scheduler
