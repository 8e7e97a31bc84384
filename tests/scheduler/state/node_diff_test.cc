#include "scheduler/state/node_diff.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace node_diff_test {

kube::Node FullNode() {
  kube::Node node = MakeNode("n")
                        .Cpu("4")
                        .Label("disk", "ssd")
                        .Annotation("temp", "40")
                        .Taint("dedicated", "db")
                        .Image("app:1", 100);
  node.declared_features = {"Feature"};
  node.conditions = {{"Ready", "True"}};
  return node;
}

struct Row {
  std::string name;
  std::function<void(kube::Node&)> change;
  Inputs expected;
};

class ChangedInputsTest : public testing::TestWithParam<Row> {};

TEST_P(ChangedInputsTest, NamesTheGroupThatDiffers) {
  const kube::Node before = FullNode();
  kube::Node after = before;
  GetParam().change(after);
  EXPECT_EQ(ChangedInputs(before, after), GetParam().expected);
  EXPECT_EQ(ChangedInputs(after, before), GetParam().expected);
}

const Inputs kLabels = {Input::kNodeLabels, Input::kTopologyCounts};

INSTANTIATE_TEST_SUITE_P(
    Groups, ChangedInputsTest,
    testing::ValuesIn(std::vector<Row>{
        {"Nothing", [](kube::Node&) {}, {}},
        {"Heartbeat",
         [](kube::Node& node) {
           node.metadata.resource_version = "2";
           node.conditions = {{"Ready", "Unknown"}};
           node.capacity["cpu"] = Q("5");
         },
         {}},
        {"Allocatable",
         [](kube::Node& node) { node.allocatable["cpu"] = Q("3"); },
         {Input::kNodeResources}},
        {"NewExtendedResource",
         [](kube::Node& node) { node.allocatable["example.com/gpu"] = Q("1"); },
         {Input::kNodeResources}},
        {"LabelValue", [](kube::Node& node) { node.metadata.labels["disk"] = "hdd"; }, kLabels},
        {"LabelGone", [](kube::Node& node) { node.metadata.labels.erase("disk"); }, kLabels},
        {"TaintValue",
         [](kube::Node& node) { node.taints[0].value = "web"; },
         {Input::kNodeTaints}},
        {"TaintEffect",
         [](kube::Node& node) { node.taints[0].effect = kube::TaintEffect::kNoExecute; },
         {Input::kNodeTaints}},
        {"TaintGone", [](kube::Node& node) { node.taints.clear(); }, {Input::kNodeTaints}},
        {"Cordon", [](kube::Node& node) { node.unschedulable = true; }, {Input::kNodeTaints}},
        {"ImageName",
         [](kube::Node& node) { node.images[0].names.push_back("app:latest"); },
         {Input::kNodeImages}},
        {"ImageSize",
         [](kube::Node& node) { node.images[0].size_bytes = 101; },
         {Input::kNodeImages}},
        {"Annotation",
         [](kube::Node& node) { node.metadata.annotations["temp"] = "41"; },
         {Input::kNodeAnnotations}},
        {"DeclaredFeatures",
         [](kube::Node& node) { node.declared_features.clear(); },
         {Input::kNodeDeclaredFeatures}},
        {"TwoGroups",
         [](kube::Node& node) {
           node.unschedulable = true;
           node.metadata.annotations.clear();
         },
         {Input::kNodeTaints, Input::kNodeAnnotations}},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace node_diff_test
}  // namespace heat_scheduler
