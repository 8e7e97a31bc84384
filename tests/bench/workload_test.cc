#include "bench/workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace heat_scheduler {
namespace workload_test {

using testing::HasSubstr;

// Reads a file with that text; it is in a temporary folder.
absl::StatusOr<std::vector<Workload>> Load(const std::string& text) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) /
      (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".yaml");
  std::ofstream(path) << text;
  absl::StatusOr<std::vector<Workload>> workloads = LoadWorkloads(path.string());
  std::filesystem::remove(path);
  return workloads;
}

TEST(Workloads, OfTheProjectAreRead) {
  const absl::StatusOr<std::vector<Workload>> workloads = LoadWorkloads(WORKLOADS);
  ASSERT_TRUE(workloads.ok()) << workloads.status();
  std::set<std::string> names, tiny_cases, cases;
  for (const Workload& workload : *workloads) {
    EXPECT_TRUE(names.insert(workload.name).second) << workload.name;
    const std::string test_case = workload.name.substr(0, workload.name.find('/'));
    cases.insert(test_case);
    if (workload.HasLabel("tiny")) tiny_cases.insert(test_case);
  }
  EXPECT_EQ(names.count("SchedulingBasic/5000Nodes_10000Pods"), 1U);
  EXPECT_EQ(cases, tiny_cases);
}

TEST(Workloads, HaveTheirParametersAndLabels) {
  const absl::StatusOr<std::vector<Workload>> workloads = Load(R"(
- name: C
  labels: [churn]
  workloadTemplate:
  - {opcode: createNodes, countParam: $nodes, nodeTemplatePath: t/node.yaml}
  - {opcode: createPods, count: 4, podTemplatePath: t/pod.yaml, collectMetrics: true}
  workloads:
  - {name: W, labels: [tiny], params: {nodes: 3}, expect: {placed: 4, pending: 0}}
)");
  ASSERT_TRUE(workloads.ok()) << workloads.status();
  ASSERT_EQ(workloads->size(), 1U);
  const Workload& workload = workloads->front();
  EXPECT_EQ(workload.name, "C/W");
  EXPECT_TRUE(workload.HasLabel("churn"));
  EXPECT_TRUE(workload.HasLabel("tiny"));
  EXPECT_EQ(workload.measured_pods(), 4);
  const auto& nodes = std::get<CreateNodes>(workload.operations.front());
  EXPECT_EQ(workload.ValueOf(nodes.count), 3);
  EXPECT_THAT(nodes.node_template, testing::EndsWith("/t/node.yaml"));
  EXPECT_EQ(workload.expect, (Outcome{4, 0, 0}));
}

TEST(Workloads, ReportAllMistakes) {
  const absl::Status status = Load(R"(
- name: C
  workloadTemplate:
  - {opcode: createNods, count: 1}
  - {opcode: createPods, countParam: $pods, podTemplate: pod.yaml}
  - {opcode: churn, mode: rename, intervalPods: 1, templatePaths: [a]}
  workloads:
  - {name: W, params: {nodes: 3}}
)")
                                  .status();
  for (const char* mistake :
       {"there is no operation \"createNods\"", "workloadTemplate[1]: unknown key \"podTemplate\"",
        "podTemplatePath: is required: there is no default",
        "mode: want create or recreate, got \"rename\"", "params: there is no pods",
        "want collectMetrics of the last operation, and of no other"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(mistake));
  }
}

TEST(Workloads, AreNotWhereThereIsNoFile) {
  EXPECT_EQ(LoadWorkloads("/nowhere/at/all").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace workload_test
}  // namespace heat_scheduler
