#include "plugins/defaults/pod_topology_spread/spread_args.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {
namespace spread_args_test {

using nlohmann::json;

TEST(DecodePodTopologySpreadArgs, HasKubeSchedulersDefaults) {
  for (const json& nothing : {json(nullptr), json::parse(R"({"defaultingType": "System"})"),
                              json::parse(R"({"defaultConstraints": []})")}) {
    const auto args = DecodePodTopologySpreadArgs(nothing);
    ASSERT_TRUE(args.ok()) << args.status();
    EXPECT_TRUE(args->system_defaulting);
    ASSERT_EQ(args->default_constraints.size(), 2U);
    const auto& host = args->default_constraints[0];
    EXPECT_EQ(host.topology_key, "kubernetes.io/hostname");
    EXPECT_EQ(host.max_skew, 3);
    EXPECT_TRUE(host.schedule_anyway);
    const auto& zone = args->default_constraints[1];
    EXPECT_EQ(zone.topology_key, "topology.kubernetes.io/zone");
    EXPECT_EQ(zone.max_skew, 5);
    EXPECT_TRUE(zone.schedule_anyway);
  }
}

TEST(DecodePodTopologySpreadArgs, ReadsAList) {
  const auto args = DecodePodTopologySpreadArgs(json::parse(R"({
      "kind": "PodTopologySpreadArgs", "defaultingType": "List", "defaultConstraints": [
        {"maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "minDomains": 3,
         "nodeAffinityPolicy": "Ignore", "nodeTaintsPolicy": "Honor", "matchLabelKeys": ["hash"]},
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}]})"));
  ASSERT_TRUE(args.ok()) << args.status();
  EXPECT_FALSE(args->system_defaulting);
  ASSERT_EQ(args->default_constraints.size(), 2U);
  const auto& hard = args->default_constraints[0];
  EXPECT_EQ(hard.max_skew, 2);
  EXPECT_EQ(hard.topology_key, "zone");
  EXPECT_FALSE(hard.schedule_anyway);
  EXPECT_EQ(hard.min_domains, 3);
  EXPECT_FALSE(hard.honor_node_affinity);
  EXPECT_TRUE(hard.honor_node_taints);
  const auto& soft = args->default_constraints[1];
  EXPECT_TRUE(soft.schedule_anyway);
  EXPECT_TRUE(soft.honor_node_affinity);
  EXPECT_FALSE(soft.honor_node_taints);
}

TEST(DecodePodTopologySpreadArgs, ReadsAnEmptyList) {
  const auto args = DecodePodTopologySpreadArgs(json::parse(R"({"defaultingType": "List"})"));
  ASSERT_TRUE(args.ok()) << args.status();
  EXPECT_FALSE(args->system_defaulting);
  EXPECT_TRUE(args->default_constraints.empty());
}

struct Row {
  std::string name;
  std::string constraints;  // The list's elements.
  std::string expected;     // What comes after "PodTopologySpreadArgs.defaultConstraints".
};

class BadDefaultConstraints : public testing::TestWithParam<Row> {};

TEST_P(BadDefaultConstraints, AreRefusedByPath) {
  const absl::Status status =
      DecodePodTopologySpreadArgs(
          json::parse(R"({"defaultingType": "List", "defaultConstraints": [)" +
                      GetParam().constraints + "]}"))
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "PodTopologySpreadArgs.defaultConstraints" + GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadDefaultConstraints,
    testing::ValuesIn(std::vector<Row>{
        {"SkewOfNothing",
         R"({"maxSkew": 0, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"})",
         "[0].maxSkew: want 1 or more, got 0"},
        {"SkewAbsent", R"({"topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"})",
         "[0].maxSkew: want 1 or more, got 0"},
        {"NoKey", R"({"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"})",
         "[0].topologyKey: want the key of a label, got \"\""},
        {"KeyOfNoLabel",
         R"({"maxSkew": 1, "topologyKey": "a/b/c", "whenUnsatisfiable": "DoNotSchedule"})",
         "[0].topologyKey: want the key of a label, got \"a/b/c\""},
        {"NoAction", R"({"maxSkew": 1, "topologyKey": "zone"})",
         "[0].whenUnsatisfiable: want DoNotSchedule or ScheduleAnyway, got \"\""},
        {"UnknownAction", R"({"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "No"})",
         "[0].whenUnsatisfiable: want DoNotSchedule or ScheduleAnyway, got \"No\""},
        {"WithSelector",
         R"({"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
             "labelSelector": {}})",
         "[0].labelSelector: must not be there: each pod's is deduced from what selects it"},
        {"UnknownPolicy",
         R"({"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
             "nodeTaintsPolicy": "No"})",
         "[0].nodeTaintsPolicy: want Honor or Ignore, got \"No\""},
        {"Repeated",
         R"({"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"},
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"},
            {"maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"})",
         "[2]: has the topologyKey and whenUnsatisfiable of [0]"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(DecodePodTopologySpreadArgs, RefusesSystemBesideAList) {
  const auto args = DecodePodTopologySpreadArgs(json::parse(R"({"defaultConstraints": [
      {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]})"));
  EXPECT_EQ(args.status().message(),
            "PodTopologySpreadArgs.defaultingType: must be List where there are "
            "defaultConstraints");
}

}  // namespace spread_args_test
}  // namespace heat_scheduler
