#include "plugins/defaults/taint_toleration.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace taint_toleration_test {

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

// ---- Score ----

kube::Node Discouraging(const std::string& name, int taints) {
  NodeBuilder node = MakeNode(name);
  for (int i = 0; i < taints; ++i) node.Taint("k" + std::to_string(i), "v", kPreferNoSchedule);
  return node;
}

TEST(TaintTolerationScore, CountsPreferNoScheduleTaintsThatAreNotTolerated) {
  const auto cluster =
      MakeCluster({MakeNode("none"),
                   MakeNode("other").Taint("k0", "v", kNoSchedule).Taint("k1", "v", kNoExecute),
                   Discouraging("one", 1), Discouraging("three", 3)});
  const TaintToleration plugin;
  using Points = std::map<std::string, std::int64_t>;
  EXPECT_EQ(Asking(*cluster, MakePod("p"), plugin).Score(),
            (Points{{"none", 0}, {"other", 0}, {"one", 1}, {"three", 3}}));
  // 100 - 100 * 1 / 3.
  EXPECT_EQ(Asking(*cluster, MakePod("p"), plugin).Scored(),
            (Points{{"none", 100}, {"other", 100}, {"one", 67}, {"three", 0}}));
  EXPECT_EQ(Asking(*cluster, MakePod("p").TolerateKey("k0", kPreferNoSchedule), plugin).Scored(),
            (Points{{"none", 100}, {"other", 100}, {"one", 100}, {"three", 0}}));
  // For every effect, and for another one.
  EXPECT_EQ(Asking(*cluster, MakePod("p").TolerateKey(""), plugin).Scored(),
            (Points{{"none", 100}, {"other", 100}, {"one", 100}, {"three", 100}}));
  EXPECT_EQ(Asking(*cluster, MakePod("p").TolerateKey("", kNoSchedule), plugin).Scored(),
            (Points{{"none", 100}, {"other", 100}, {"one", 67}, {"three", 0}}));
}

// Without a taint in sight it gives full points, which is not the same as being left out.
TEST(TaintTolerationScore, GivesEveryNodeFullPointsWhereThereIsNothingToCount) {
  const auto cluster = MakeCluster({MakeNode("a"), MakeNode("b")});
  EXPECT_EQ(Asking(*cluster, MakePod("p"), TaintToleration()).Scored(),
            (std::map<std::string, std::int64_t>{{"a", 100}, {"b", 100}}));
}

}  // namespace taint_toleration_test
}  // namespace heat_scheduler
