// Filters and scores of plugins/defaults against what kube-scheduler v1.36.3 answered:
// data/README.md.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/plugins/corpus.h"

namespace heat_scheduler {
namespace {

std::vector<std::string> Cases() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(CORPUS_DIR)) {
    if (entry.path().extension() == ".json") {
      paths.push_back(std::filesystem::relative(entry.path(), CORPUS_DIR).string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class CorpusTest : public testing::TestWithParam<std::string> {};

TEST_P(CorpusTest, AgreesWithKubeScheduler) {
  std::ifstream file(std::filesystem::path(CORPUS_DIR) / GetParam());
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  const CorpusReport report = ReplayCase(document);
  EXPECT_EQ(absl::StrJoin(report.differences, "\n"), "");
  EXPECT_GT(report.steps, 0u);
  EXPECT_GE(report.answers, report.steps);
  EXPECT_EQ(report.left_out, 0u);
}

INSTANTIATE_TEST_SUITE_P(Cases, CorpusTest, testing::ValuesIn(Cases()), [](const auto& row) {
  return absl::StrReplaceAll(row.param, {{".json", ""}, {"/", "_"}, {"-", "_"}});
});

}  // namespace
}  // namespace heat_scheduler
