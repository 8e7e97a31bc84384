#include "kube/client/line_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heat_scheduler::kube {
namespace line_splitter_test {

TEST(LineSplitter, CutsLinesHoweverTheBytesCome) {
  const std::string text = "one\n\ntwo two\nthree\nrest";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    LineSplitter splitter(8);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at += step) {
      ASSERT_TRUE(splitter
                      .Feed(std::string_view(text).substr(at, step),
                            [&](std::string_view line) {
                              lines.emplace_back(line);
                              return true;
                            })
                      .ok());
    }
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two two", "three"})) << "step " << step;
    EXPECT_TRUE(splitter.has_partial_line());
  }
}

TEST(LineSplitter, StopsWhenTheReaderHasEnough) {
  LineSplitter splitter(10);
  int lines = 0;
  EXPECT_TRUE(splitter.Feed("a\nb\nc\n", [&](std::string_view) { return ++lines < 2; }).ok());
  EXPECT_EQ(lines, 2);
}

struct LimitRow {
  std::string name;
  std::string text;
  absl::StatusCode code;
};

class LineSplitterLimit : public testing::TestWithParam<LimitRow> {};

TEST_P(LineSplitterLimit, CountsTheLineWithoutItsNewline) {
  LineSplitter splitter(4);
  absl::Status status;
  for (const char c : GetParam().text) {
    status.Update(splitter.Feed(std::string(1, c), [](std::string_view) { return true; }));
  }
  EXPECT_EQ(status.code(), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    All, LineSplitterLimit,
    testing::Values(LimitRow{"AtTheLimit", "1234\n1234\n", absl::StatusCode::kOk},
                    LimitRow{"OneOver", "12345\n", absl::StatusCode::kResourceExhausted},
                    LimitRow{"NoNewlineAtAll", std::string(400, 'x'),
                             absl::StatusCode::kResourceExhausted}),
    [](const auto& row) { return row.param.name; });

}  // namespace line_splitter_test
}  // namespace heat_scheduler::kube
