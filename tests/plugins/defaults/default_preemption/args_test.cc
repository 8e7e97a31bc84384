#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "plugins/defaults/default_preemption/default_preemption_args.h"

namespace heat_scheduler {
namespace args_test {

std::string Mistakes(const std::string& json) {
  const auto args = DecodeDefaultPreemptionArgs(nlohmann::json::parse(json));
  return args.ok() ? "" : std::string(args.status().message());
}

TEST(DefaultPreemptionArgs, HaveUpstreamsDefaults) {
  const auto args = DecodeDefaultPreemptionArgs(nullptr);
  ASSERT_TRUE(args.ok());
  EXPECT_EQ(args->min_candidate_nodes_percentage, 10);
  EXPECT_EQ(args->min_candidate_nodes_absolute, 100);
}

TEST(DefaultPreemptionArgs, AreCheckedAsUpstreamDoes) {
  EXPECT_EQ(Mistakes(R"({"minCandidateNodesPercentage": 0, "minCandidateNodesAbsolute": 1})"), "");
  EXPECT_EQ(Mistakes(R"({"minCandidateNodesPercentage": 100, "minCandidateNodesAbsolute": 0})"),
            "");
  EXPECT_NE(Mistakes(R"({"minCandidateNodesPercentage": 101})").find("want 0 to 100, got 101"),
            std::string::npos);
  EXPECT_NE(Mistakes(R"({"minCandidateNodesPercentage": -1})").find("want 0 to 100, got -1"),
            std::string::npos);
  EXPECT_NE(Mistakes(R"({"minCandidateNodesAbsolute": -1})").find("want 0 or more, got -1"),
            std::string::npos);
  EXPECT_NE(Mistakes(R"({"minCandidateNodesPercentage": 0, "minCandidateNodesAbsolute": 0})")
                .find("must not be 0 together"),
            std::string::npos);
}

struct WantedCase {
  std::string name;
  std::int32_t percentage;
  std::int32_t absolute;
  std::size_t nodes;
  std::size_t wanted;
};

class WantedCandidates : public testing::TestWithParam<WantedCase> {};

// Rows of upstream's TestDryRunPreemption and of its comment on calculateNumCandidates.
TEST_P(WantedCandidates, AreTheGreaterOfBothAndAtMostAll) {
  const WantedCase& row = GetParam();
  const DefaultPreemptionArgs args{row.percentage, row.absolute};
  EXPECT_EQ(args.WantedCandidates(row.nodes), row.wanted);
}

INSTANTIATE_TEST_SUITE_P(Cases, WantedCandidates,
                         testing::Values(WantedCase{"AllOfAFew", 10, 100, 20, 20},
                                         WantedCase{"AtLeastAbsolute", 10, 100, 500, 100},
                                         WantedCase{"ShareOfMany", 10, 100, 5000, 500},
                                         WantedCase{"ShareIsRoundedDown", 10, 1, 29, 2},
                                         WantedCase{"None", 10, 100, 0, 0},
                                         WantedCase{"AbsoluteAlone", 0, 5, 100, 5}),
                         [](const auto& row) { return row.param.name; });

}  // namespace args_test
}  // namespace heat_scheduler
