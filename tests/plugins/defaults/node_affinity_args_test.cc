#include "plugins/defaults/node_affinity_args.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {
namespace node_affinity_args_test {

using nlohmann::json;
using enum kube::SelectorOperator;

TEST(DecodeNodeAffinityArgs, AddsNothingByDefault) {
  for (const json& nothing :
       {json(nullptr), json::object(), json::parse(R"({"addedAffinity": {}})")}) {
    const absl::StatusOr<NodeAffinityArgs> args = DecodeNodeAffinityArgs(nothing);
    ASSERT_TRUE(args.ok()) << args.status();
    EXPECT_FALSE(args->required.has_value());
    EXPECT_TRUE(args->preferred.empty());
  }
}

TEST(DecodeNodeAffinityArgs, ReadsTheFormOfAPodsNodeAffinity) {
  const absl::StatusOr<NodeAffinityArgs> args = DecodeNodeAffinityArgs(json::parse(R"({
      "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "NodeAffinityArgs",
      "addedAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
          {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd", "nvme"]},
                                {"key": "gpu", "operator": "DoesNotExist"}]},
          {"matchFields": [{"key": "metadata.name", "operator": "NotIn", "values": ["n"]}]}]},
        "preferredDuringSchedulingIgnoredDuringExecution": [
          {"weight": 40, "preference": {"matchExpressions": [
            {"key": "cores", "operator": "Gt", "values": ["7"]}]}}]}})"));
  ASSERT_TRUE(args.ok()) << args.status();
  ASSERT_TRUE(args->required.has_value());
  ASSERT_EQ(args->required->terms.size(), 2u);
  EXPECT_EQ(args->required->terms[0].match_expressions,
            (std::vector<kube::SelectorRequirement>{{"disk", kIn, {"ssd", "nvme"}},
                                                    {"gpu", kDoesNotExist, {}}}));
  EXPECT_EQ(args->required->terms[1].match_fields,
            (std::vector<kube::SelectorRequirement>{{"metadata.name", kNotIn, {"n"}}}));
  ASSERT_EQ(args->preferred.size(), 1u);
  EXPECT_EQ(args->preferred[0].weight, 40);
  EXPECT_EQ(args->preferred[0].preference.match_expressions,
            (std::vector<kube::SelectorRequirement>{{"cores", kGt, {"7"}}}));
}

struct Row {
  std::string name;
  std::string affinity;
  std::string expected;
};

class BadNodeAffinityArgs : public testing::TestWithParam<Row> {};

TEST_P(BadNodeAffinityArgs, AreRefusedByPath) {
  const json args = {{"addedAffinity", json::parse(GetParam().affinity)}};
  const absl::Status status = DecodeNodeAffinityArgs(args).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "NodeAffinityArgs.addedAffinity." + GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadNodeAffinityArgs,
    testing::ValuesIn(std::vector<Row>{
        {"Integer",
         R"({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{},
             {"matchExpressions": [{"key": "cores", "operator": "Gt", "values": ["x"]}]}]}})",
         "requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[1].matchExpressions[0]."
         "values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"},
        {"NoOperator",
         R"({"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference":
             {"matchFields": [{"key": "metadata.name", "values": ["n"]}]}}]})",
         "preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchFields[0].operator: "
         "Unsupported value"},
        {"UnknownKey",
         R"({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerm": []}})",
         "requiredDuringSchedulingIgnoredDuringExecution: unknown key \"nodeSelectorTerm\", did "
         "you mean nodeSelectorTerms?"},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace node_affinity_args_test
}  // namespace heat_scheduler
