#include "plugins/defaults/node_unschedulable.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace node_unschedulable_test {

using enum kube::TaintEffect;

constexpr char kKey[] = "node.kubernetes.io/unschedulable";
constexpr char kRefused[] = "UnschedulableAndUnresolvable: node(s) were unschedulable";

struct Row {
  std::string name;
  kube::Pod pod;
  kube::Node node;
  std::string expected;
};

class NodeUnschedulableTest : public testing::TestWithParam<Row> {};

TEST_P(NodeUnschedulableTest, Answers) {
  EXPECT_EQ(FilterOne(NodeUnschedulable(), GetParam().pod, GetParam().node), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NodeUnschedulableTest,
    testing::ValuesIn(std::vector<Row>{
        {"OpenNode", MakePod("p"), MakeNode("n"), "ok"},
        {"Cordoned", MakePod("p"), MakeNode("n").Unschedulable(), kRefused},
        {"TaintAloneIsNotItsBusiness", MakePod("p"), MakeNode("n").Taint(kKey), "ok"},
        {"Tolerated", MakePod("p").TolerateKey(kKey, kNoSchedule), MakeNode("n").Unschedulable(),
         "ok"},
        {"ToleratedForEveryEffect", MakePod("p").TolerateKey(kKey), MakeNode("n").Unschedulable(),
         "ok"},
        {"ToleratesEverything", MakePod("p").TolerateKey(""), MakeNode("n").Unschedulable(), "ok"},
        {"ToleratesOtherEffect", MakePod("p").TolerateKey(kKey, kNoExecute),
         MakeNode("n").Unschedulable(), kRefused},
        {"ToleratesOtherKey", MakePod("p").TolerateKey("other"), MakeNode("n").Unschedulable(),
         kRefused},
        {"ToleratesOtherValue", MakePod("p").Tolerate(kKey, "yes"), MakeNode("n").Unschedulable(),
         kRefused},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace node_unschedulable_test
}  // namespace heat_scheduler
