#include "plugins/defaults/taint_toleration.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace {

using enum kube::TaintEffect;

constexpr char kRefused[] = "UnschedulableAndUnresolvable: node(s) had untolerated taint(s)";

struct Row {
  std::string name;
  kube::Pod pod;
  kube::Node node;
  std::string expected;
};

class TaintTolerationTest : public testing::TestWithParam<Row> {};

TEST_P(TaintTolerationTest, Answers) {
  EXPECT_EQ(FilterOne(TaintToleration(), GetParam().pod, GetParam().node), GetParam().expected);
}

kube::Node ManyTaints(int count) {
  NodeBuilder node = MakeNode("n");
  for (int i = 0; i < count; ++i) node.Taint("key-" + std::to_string(i), "v");
  return node;
}

kube::Toleration Alpha() {
  kube::Toleration toleration;
  toleration.key = "cores";
  toleration.value = "2";
  toleration.unsupported_operator = true;
  return toleration;
}

INSTANTIATE_TEST_SUITE_P(
    Table, TaintTolerationTest,
    testing::ValuesIn(std::vector<Row>{
        {"NoTaint", MakePod("p"), MakeNode("n"), "ok"},
        {"NoSchedule", MakePod("p"), MakeNode("n").Taint("k", "v"), kRefused},
        {"NoExecute", MakePod("p"), MakeNode("n").Taint("k", "v", kNoExecute), kRefused},
        {"PreferNoSchedule", MakePod("p"), MakeNode("n").Taint("k", "v", kPreferNoSchedule), "ok"},
        {"Tolerated", MakePod("p").Tolerate("k", "v", kNoSchedule), MakeNode("n").Taint("k", "v"),
         "ok"},
        {"ToleratedByKey", MakePod("p").TolerateKey("k"), MakeNode("n").Taint("k", "v"), "ok"},
        {"OtherValue", MakePod("p").Tolerate("k", "w"), MakeNode("n").Taint("k", "v"), kRefused},
        {"OtherEffect", MakePod("p").TolerateKey("k", kNoExecute), MakeNode("n").Taint("k", "v"),
         kRefused},
        {"OneOfTwoTolerated", MakePod("p").TolerateKey("k"),
         MakeNode("n").Taint("k").Taint("l", "", kNoExecute), kRefused},
        {"BothTolerated", MakePod("p").TolerateKey("k").TolerateKey("l"),
         MakeNode("n").Taint("k").Taint("l", "", kNoExecute), "ok"},
        {"EmptyKeyToleratesAll", MakePod("p").TolerateKey(""), ManyTaints(10'000), "ok"},
        {"LastOfManyTaints", MakePod("p").TolerateKey("key-0"), ManyTaints(2), kRefused},
        {"AlphaOperatorToleratesNothing", MakePod("p").Toleration(Alpha()),
         MakeNode("n").Taint("cores", "2"), kRefused},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace heat_scheduler
