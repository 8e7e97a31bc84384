#include "base/nearest.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace nearest_test {

struct Row {
  std::string name;
  std::string given;
  std::vector<std::string> known;
  std::string nearest;
};

class Nearest : public testing::TestWithParam<Row> {};

TEST_P(Nearest, IsFound) {
  EXPECT_EQ(NearestName(GetParam().given, GetParam().known), GetParam().nearest);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Nearest,
    testing::ValuesIn(std::vector<Row>{
        {"Nothing", "a", {}, ""},
        {"Same", "b", {"a", "b"}, "b"},
        {"OtherCase", "nodename", {"NodePorts", "NodeName"}, "NodeName"},
        {"Swapped", "NodeResuorcesFit", {"NodeName", "NodeResourcesFit"}, "NodeResourcesFit"},
        {"LongerByMuchButAlike", "stale", {"mode", "staleAfter"}, "staleAfter"},
        {"EquallyFarIsTheFirst", "x", {"a", "b"}, "a"},
        {"EmptyName", "", {"a", ""}, ""},
        {"VeryLong", std::string(100'000, 'x'), {"a", "xx"}, "xx"},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace nearest_test
}  // namespace heat_scheduler
