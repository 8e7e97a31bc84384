#include "plugins/defaults/normalize.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace normalize_test {

using Scores = std::vector<std::int64_t>;

struct Row {
  std::string name;
  Better better;
  Scores scores;
  Scores expected;
};

class NormalizeByGreatestTest : public testing::TestWithParam<Row> {};

TEST_P(NormalizeByGreatestTest, ScalesAsKubeScheduler) {
  Scores scores = GetParam().scores;
  NormalizeByGreatest(GetParam().better, absl::MakeSpan(scores));
  EXPECT_EQ(scores, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NormalizeByGreatestTest,
    testing::Values(Row{"Higher", Better::kHigher, {1, 2, 3, 4}, {25, 50, 75, 100}},
                    Row{"Lower", Better::kLower, {1, 2, 3, 4}, {75, 50, 25, 0}},
                    Row{"RoundsDown", Better::kHigher, {1, 2, 3}, {33, 66, 100}},
                    Row{"RoundsDownBeforeItTurns", Better::kLower, {1, 2, 3}, {67, 34, 0}},
                    Row{"Large", Better::kHigher, {1000, 10, 1, 0}, {100, 1, 0, 0}},
                    Row{"ZerosStay", Better::kHigher, {0, 0}, {0, 0}},
                    Row{"ZerosAreBest", Better::kLower, {0, 0}, {100, 100}},
                    Row{"NoNodes", Better::kLower, {}, {}}),
    [](const auto& row) { return row.param.name; });

}  // namespace normalize_test
}  // namespace heat_scheduler
