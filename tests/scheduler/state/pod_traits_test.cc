#include "scheduler/state/pod_traits.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/objects.h"

namespace heat_scheduler {
namespace pod_traits_test {

struct Row {
  std::string name;
  kube::Pod a;
  kube::Pod b;
  bool equal;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

kube::Pod Owned(const std::string& kind, const std::string& name) {
  return MakePod("p").Owner(kind, name);
}

const std::vector<Row> kRows = {
    {"NameAndUid", MakePod("p").Label("a", "b"), MakePod("q").Label("a", "b"), true},
    {"Value", MakePod("p").Label("a", "b"), MakePod("p").Label("a", "c"), false},
    {"BorderOfKeyAndValue", MakePod("p").Label("ab", "c"), MakePod("p").Label("a", "bc"), false},
    {"NoLabel", MakePod("p"), MakePod("p").Label("a", ""), false},
    {"LongValues", MakePod("p").Label("a", std::string(200, 'x')),
     MakePod("p").Label("a", std::string(201, 'x')), false},
    {"Controller", Owned("ReplicaSet", "a"), Owned("ReplicaSet", "b"), false},
    {"SameController", Owned("ReplicaSet", "a"), Owned("ReplicaSet", "a"), true},
    {"ControllerOrLabels", Owned("ReplicaSet", "a"), MakePod("p").Label("ReplicaSet", "a"), false},
};

class PodTraits : public testing::TestWithParam<Row> {};

TEST_P(PodTraits, AreNumbered) {
  PodTraitsTable table;
  const PodTraitsId a = table.Acquire(GetParam().a);
  EXPECT_NE(a, 0u);
  EXPECT_EQ(table.Acquire(GetParam().b) == a, GetParam().equal);
}

INSTANTIATE_TEST_SUITE_P(Pods, PodTraits, testing::ValuesIn(kRows),
                         [](const testing::TestParamInfo<Row>& row) { return row.param.name; });

TEST(PodTraitsTable, ForgetsWithTheLastUserAndGivesNoNumberTwice) {
  PodTraitsTable table;
  const kube::Pod pod = MakePod("p").Label("a", "b");
  const PodTraitsId first = table.Acquire(pod);
  table.Acquire(pod);
  table.Release(first);
  EXPECT_EQ(table.Acquire(pod), first);
  table.Release(first);
  table.Release(first);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_NE(table.Acquire(pod), first);
}

}  // namespace pod_traits_test
}  // namespace heat_scheduler
