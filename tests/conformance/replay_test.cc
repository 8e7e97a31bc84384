// The runner itself: that it compares everything the corpus holds, and lives with bad files.
#include "tests/conformance/replay.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/case_file.h"

namespace heat_scheduler {
namespace replay_test {

using nlohmann::json;

json CorpusCase(const std::string& path) {
  absl::StatusOr<json> test_case = ReadCase(std::string(CORPUS_DIR) + "/" + path + ".json.gz");
  EXPECT_TRUE(test_case.ok()) << test_case.status();
  return *test_case;
}

// Changes one value at or below the field so that it says something else.
void Falsify(json& value) {
  if (value.is_number()) {
    value = value.get<std::int64_t>() + 1;
  } else if (value.is_string()) {
    value = value.get<std::string>() + "?";
  } else if (value.is_null() || value.empty()) {
    value = "?";
  } else if (value.is_array()) {
    Falsify(value.back());
  } else {
    Falsify(value.begin().value());
  }
}

// Falsifies the field in the first step that has it, and returns where the runner then differs.
std::vector<std::string> DifferencesWithout(json test_case, const std::string& field) {
  for (json& step : test_case["steps"]) {
    if (!step["expect"].contains(field) || step["expect"][field].is_null()) continue;
    Falsify(step["expect"][field]);
    const absl::StatusOr<CaseReport> report = ReplayCase(test_case);
    EXPECT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->agreed + 1, report->steps);
    std::vector<std::string> where;
    for (const Difference& difference : report->differences) where.push_back(difference.where);
    return where;
  }
  ADD_FAILURE() << "no step says anything of " << field;
  return {};
}

struct Row {
  std::string field;
  std::string test_case;
};

class RunnerCompares : public testing::TestWithParam<Row> {};

TEST_P(RunnerCompares, TheField) {
  const json test_case = CorpusCase(GetParam().test_case);
  const absl::StatusOr<CaseReport> report = ReplayCase(test_case);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->agreed, report->steps);
  EXPECT_THAT(DifferencesWithout(test_case, GetParam().field),
              testing::Contains(testing::StartsWith(GetParam().field)));
}

INSTANTIATE_TEST_SUITE_P(Fields, RunnerCompares,
                         testing::ValuesIn(std::vector<Row>{
                             {"best", "image-locality/image-volume"},
                             {"bestTotal", "image-locality/image-volume"},
                             {"feasible", "image-locality/image-volume"},
                             {"feasibleCount", "image-locality/image-volume"},
                             {"message", "profiles/no-preemption"},
                             {"nominated", "preemption/spread-victims"},
                             {"postFilter", "volumes/lost-volume"},
                             {"preEnqueue", "scheduling-gates/gated-and-impossible"},
                             {"preFilter", "volumes/lost-volume"},
                             {"preFilterNodes", "preemption/prefilter-unresolvable"},
                             {"preemption", "preemption/spread-victims"},
                             {"rejected", "profiles/no-preemption"},
                             {"scores", "image-locality/image-volume"},
                             {"totals", "image-locality/image-volume"},
                             {"volumes", "volumes/capacity"},
                         }),
                         [](const testing::TestParamInfo<Row>& row) { return row.param.field; });

TEST(Runner, RefusesACaseThatLacksAField) {
  json test_case = CorpusCase("node-name/preset");
  test_case["steps"][0].erase("pod");
  EXPECT_THAT(std::string(ReplayCase(test_case).status().message()), testing::HasSubstr("'pod'"));
}

TEST(Runner, RefusesAnObjectThatCannotBeRead) {
  json test_case = CorpusCase("node-name/preset");
  test_case["cluster"]["nodes"][0]["status"]["allocatable"]["cpu"] = "many";
  EXPECT_THAT(std::string(ReplayCase(test_case).status().message()),
              testing::HasSubstr("status.allocatable.cpu"));
}

TEST(CaseFile, NamesWhatIsNoCase) {
  const std::string folder = testing::TempDir() + "/conformance_case_file_test";
  std::filesystem::create_directories(folder);
  EXPECT_THAT(std::string(FindCases({folder}).status().message()),
              testing::HasSubstr("no case is there"));
  std::ofstream(folder + "/broken.json") << "{\"name\": ";
  const auto cases = FindCases({folder});
  ASSERT_TRUE(cases.ok());
  ASSERT_EQ(cases->size(), 1u);
  EXPECT_THAT(std::string(ReadCase(cases->front()).status().message()),
              testing::HasSubstr("broken.json"));
  std::filesystem::remove_all(folder);
}

}  // namespace replay_test
}  // namespace heat_scheduler
