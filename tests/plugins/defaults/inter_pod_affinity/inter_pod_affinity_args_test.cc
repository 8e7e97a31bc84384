#include "plugins/defaults/inter_pod_affinity/inter_pod_affinity_args.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {
namespace inter_pod_affinity_args_test {

using nlohmann::json;

TEST(DecodeInterPodAffinityArgs, HasDefaults) {
  const auto args = DecodeInterPodAffinityArgs(nullptr);
  ASSERT_TRUE(args.ok()) << args.status();
  EXPECT_EQ(args->hard_pod_affinity_weight, 1);
  EXPECT_FALSE(args->ignore_preferred_terms_of_existing_pods);
}

TEST(DecodeInterPodAffinityArgs, ReadsEveryArgument) {
  const auto args = DecodeInterPodAffinityArgs(json::parse(R"({
      "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "InterPodAffinityArgs",
      "hardPodAffinityWeight": 100, "ignorePreferredTermsOfExistingPods": true})"));
  ASSERT_TRUE(args.ok()) << args.status();
  EXPECT_EQ(args->hard_pod_affinity_weight, 100);
  EXPECT_TRUE(args->ignore_preferred_terms_of_existing_pods);
}

struct Row {
  std::string name;
  std::string args;
  std::string expected;
};

class BadInterPodAffinityArgs : public testing::TestWithParam<Row> {};

TEST_P(BadInterPodAffinityArgs, AreRefusedByPath) {
  const absl::Status status = DecodeInterPodAffinityArgs(json::parse(GetParam().args)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Table, BadInterPodAffinityArgs,
                         testing::ValuesIn(std::vector<Row>{
                             {"WeightBelow", R"({"hardPodAffinityWeight": -1})",
                              "InterPodAffinityArgs.hardPodAffinityWeight: want 0 to 100, got -1"},
                             {"WeightAbove", R"({"hardPodAffinityWeight": 101})",
                              "InterPodAffinityArgs.hardPodAffinityWeight: want 0 to 100, got 101"},
                             {"UnknownKey", R"({"hardPodAffinity": 1})",
                              "InterPodAffinityArgs: unknown key \"hardPodAffinity\", did you mean "
                              "hardPodAffinityWeight?"},
                         }),
                         [](const auto& row) { return row.param.name; });

}  // namespace inter_pod_affinity_args_test
}  // namespace heat_scheduler
