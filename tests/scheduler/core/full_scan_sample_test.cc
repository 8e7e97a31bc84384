// percentageOfNodesToScore: which nodes come into question.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/core/full_scan.h"
#include "tests/scheduler/fake_plugins.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace full_scan_sample_test {

using Result = Selection::Result;

struct SampleRow {
  std::string name;
  int nodes;
  std::int32_t percentage;
  std::size_t every;  // Each so-many-th node does not fit; 0: all do.
  // Positions in node order of the first and the last node of three searches, and how many.
  std::vector<std::vector<std::size_t>> searches;
};

class Sample : public testing::TestWithParam<SampleRow> {};

TEST_P(Sample, GoesOnWhereTheLastSearchEnded) {
  ClusterState cluster;
  for (int i = 0; i < GetParam().nodes; ++i) {
    cluster.UpsertNode(MakeNode("n" + std::to_string(i)).Ref());
  }
  const auto position = [](const Cycle& cycle, NodeId node) {
    const NodeSpan all = cycle.cluster.nodes();
    return static_cast<std::size_t>(std::find(all.begin(), all.end(), node) - all.begin());
  };
  ProfileBuilder builder;
  builder.PercentageOfNodesToScore(GetParam().percentage);
  builder.Add<FilterHook>("Filter").filter = [&](const Cycle& cycle, NodeId node) {
    const std::size_t every = GetParam().every;
    return every != 0 && position(cycle, node) % every == 0 ? Unschedulable() : Verdict{};
  };
  std::vector<std::size_t> scored;
  builder.Add<ScoreHook>("Score").score = [&](const Cycle& cycle, NodeId node) {
    scored.push_back(position(cycle, node));
    return 0;
  };
  const Profile profile = builder.Build();
  FullScan scan(TieRule::kSmallestName, 7);
  std::vector<std::vector<std::size_t>> searches;
  for (std::uint64_t decision = 0; decision < 3; ++decision) {
    scored.clear();
    CycleState state;
    const Cycle cycle{cluster, cluster.UpsertPod(MakePod("p").Ref()), state, {}};
    const Selection selection = scan.Select(profile, cycle, decision);
    ASSERT_EQ(selection.result, Result::kChosen);
    EXPECT_EQ(selection.feasible_count, scored.size());
    EXPECT_TRUE(std::is_sorted(scored.begin(), scored.end()));
    searches.push_back({scored.front(), scored.back(), scored.size()});
  }
  EXPECT_EQ(searches, GetParam().searches);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Sample,
    testing::ValuesIn(std::vector<SampleRow>{
        {"AllWithoutAPercentage", 300, 0, 0, {{0, 299, 300}, {0, 299, 300}, {0, 299, 300}}},
        {"AllWithHundred", 300, 100, 0, {{0, 299, 300}, {0, 299, 300}, {0, 299, 300}}},
        {"AShare", 500, 40, 0, {{0, 199, 200}, {200, 399, 200}, {0, 499, 200}}},
        {"AtLeastHundred", 300, 1, 0, {{0, 99, 100}, {100, 199, 100}, {200, 299, 100}}},
        {"FewNodesAreAll", 100, 1, 0, {{0, 99, 100}, {0, 99, 100}, {0, 99, 100}}},
        {"OnlyThoseThatFitCount", 300, 1, 2, {{1, 199, 100}, {1, 299, 100}, {101, 299, 100}}},
        {"TooFewThatFitAreAll", 300, 50, 2, {{1, 299, 150}, {1, 299, 150}, {1, 299, 150}}},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace full_scan_sample_test
}  // namespace heat_scheduler
