#include "scheduler/state/resources.h"

#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace resources_test {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

TEST(ToResources, UnitsAreThoseOfKubeScheduler) {
  Interner names;
  const Resources resources = ToResources({{"cpu", Q("1.5")},
                                           {"memory", Q("1Ki")},
                                           {"ephemeral-storage", Q("0.1")},
                                           {"pods", Q("110")},
                                           {"example.com/gpu", Q("2")}},
                                          names);
  EXPECT_EQ(resources.milli_cpu, 1500);
  EXPECT_EQ(resources.memory, 1024);
  EXPECT_EQ(resources.ephemeral_storage, 1);
  ASSERT_EQ(resources.scalars.size(), 1u);
  EXPECT_EQ(names.Text(resources.scalars[0].first), "example.com/gpu");
  EXPECT_EQ(resources.scalars[0].second, 2);
}

TEST(ToResources, CountsTheScalarsThatSchedulingCounts) {
  struct Row {
    std::string name;
    bool counted;
  };
  const std::vector<Row> rows = {
      {"example.com/gpu", true},
      {"hugepages-2Mi", true},
      {"attachable-volumes-csi", true},
      {"kubernetes.io/batch-cpu", true},
      {"requests.example.com/gpu", false},
      {"storage", false},
      {"gpu", false},
      {"pods", false},
  };
  for (const Row& row : rows) {
    Interner names;
    EXPECT_EQ(ToResources({{row.name, Q("1")}}, names).scalars.size(), row.counted ? 1u : 0u)
        << row.name;
  }
}

TEST(ToResources, ZerosAreLeftOut) {
  Interner names;
  EXPECT_TRUE(ToResources({{"example.com/gpu", Q("0")}}, names).scalars.empty());
}

TEST(ToResources, MilliCpuSaturates) {
  Interner names;
  EXPECT_EQ(ToResources({{"cpu", Q("9223372036854775807")}}, names).milli_cpu, kMax);
}

TEST(SaturatingAdd, StaysAtTheEnds) {
  EXPECT_EQ(SaturatingAdd(2, 3), 5);
  EXPECT_EQ(SaturatingAdd(kMax, 1), kMax);
  EXPECT_EQ(SaturatingAdd(kMin, -1), kMin);
  EXPECT_EQ(SaturatingSubtract(2, 3), -1);
  EXPECT_EQ(SaturatingSubtract(kMin, 1), kMin);
  EXPECT_EQ(SaturatingSubtract(kMax, -1), kMax);
}

TEST(AddTo, MergesScalarsByNumberAndDropsZeros) {
  Resources total{1, 2, 3, {{0, 5}, {2, 7}}};
  AddTo(total, {10, 20, 30, {{1, 1}, {2, 1}}});
  EXPECT_EQ(total, (Resources{11, 22, 33, {{0, 5}, {1, 1}, {2, 8}}}));
  SubtractFrom(total, {1, 2, 3, {{0, 5}}});
  EXPECT_EQ(total, (Resources{10, 20, 30, {{1, 1}, {2, 8}}}));
}

TEST(AmountOf, AbsentIsZero) {
  const ScalarResources scalars = {{1, 4}, {5, 6}};
  EXPECT_EQ(AmountOf(scalars, 5), 6);
  EXPECT_EQ(AmountOf(scalars, 4), 0);
  EXPECT_EQ(AmountOf({}, 0), 0);
}

TEST(IsSaturated, LooksAtEveryAmount) {
  EXPECT_FALSE(IsSaturated({1, 2, 3, {{0, 4}}}));
  EXPECT_TRUE(IsSaturated({kMax, 0, 0, {}}));
  EXPECT_TRUE(IsSaturated({0, kMax, 0, {}}));
  EXPECT_TRUE(IsSaturated({0, 0, kMax, {}}));
  EXPECT_TRUE(IsSaturated({0, 0, 0, {{0, kMax}}}));
}

Resources AnyResources() {
  const auto amount = [] { return *rc::gen::inRange<std::int64_t>(0, 1'000'000); };
  Resources resources{amount(), amount(), amount(), {}};
  for (TextId name = 0; name < 4; ++name) {
    if (*rc::gen::arbitrary<bool>()) resources.scalars.emplace_back(name, amount() + 1);
  }
  return resources;
}

RC_GTEST_PROP(ResourcesLaws, SubtractingUndoesAdding, ()) {
  const Resources a = AnyResources();
  const Resources b = AnyResources();
  Resources total = a;
  AddTo(total, b);
  SubtractFrom(total, b);
  RC_ASSERT(total == a);
}

RC_GTEST_PROP(ResourcesLaws, OrderOfAddingDoesNotMatter, ()) {
  const Resources a = AnyResources();
  const Resources b = AnyResources();
  Resources ab = a;
  AddTo(ab, b);
  Resources ba = b;
  AddTo(ba, a);
  RC_ASSERT(ab == ba);
}

TEST(IsExtendedResource, NeedsADomainThatIsNotKubernetes) {
  EXPECT_TRUE(IsExtendedResource("example.com/gpu"));
  EXPECT_TRUE(IsExtendedResource("nvidia.com/gpu"));
  EXPECT_FALSE(IsExtendedResource("cpu"));
  EXPECT_FALSE(IsExtendedResource("hugepages-2Mi"));
  EXPECT_FALSE(IsExtendedResource("kubernetes.io/batch-cpu"));
  EXPECT_FALSE(IsExtendedResource("node.kubernetes.io/x"));
  EXPECT_FALSE(IsExtendedResource("requests.example.com/gpu"));
}

}  // namespace resources_test
}  // namespace heat_scheduler
