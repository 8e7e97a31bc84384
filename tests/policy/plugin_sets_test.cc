// The rows of merging are the cases of kube-scheduler's own test (TestMergePlugins,
// apis/config/v1/default_plugins_test.go), those of expanding the cases of its framework's
// (TestNewFrameworkMultiPointExpansion, framework/runtime/framework_test.go), v1.36, as facts.
#include "policy/plugin_sets.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace plugin_sets_test {

constexpr ExtensionPoint kFilter = ExtensionPoint::kFilter;
constexpr ExtensionPoint kScore = ExtensionPoint::kScore;

PluginSets At(ExtensionPoint point, PluginSet set) {
  PluginSets sets;
  sets.points[IndexOf(point)] = std::move(set);
  return sets;
}

PluginSets AtMultiPoint(PluginSet set) {
  PluginSets sets;
  sets.multi_point = std::move(set);
  return sets;
}

PluginSets With(PluginSets sets, ExtensionPoint point, PluginSet set) {
  sets.points[IndexOf(point)] = std::move(set);
  return sets;
}

struct MergeRow {
  std::string name;
  PluginSets custom;
  PluginSets defaults;
  PluginSets merged;
};

class Merge : public testing::TestWithParam<MergeRow> {};

TEST_P(Merge, IsKubeSchedulers) {
  EXPECT_EQ(MergePluginSets(GetParam().defaults, GetParam().custom), GetParam().merged);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Merge,
    testing::ValuesIn(std::vector<MergeRow>{
        {"AppendCustomPlugin", At(kFilter, {{{"Custom"}}, {}}),
         At(kFilter, {{{"Default1"}, {"Default2"}}, {}}),
         At(kFilter, {{{"Default1"}, {"Default2"}, {"Custom"}}, {}})},
        {"InsertBeforeADefaultPlugin", At(kFilter, {{{"Custom"}, {"Default2"}}, {"Default2"}}),
         At(kFilter, {{{"Default1"}, {"Default2"}}, {}}),
         At(kFilter, {{{"Default1"}, {"Custom"}, {"Default2"}}, {"Default2"}})},
        {"InsertBeforeAllPlugins", At(kFilter, {{{"Custom"}, {"Default1"}, {"Default2"}}, {"*"}}),
         At(kFilter, {{{"Default1"}, {"Default2"}}, {}}),
         At(kFilter, {{{"Custom"}, {"Default1"}, {"Default2"}}, {"*"}})},
        {"ReorderDefaultPlugins", At(kFilter, {{{"Default2"}, {"Default1"}}, {"*"}}),
         At(kFilter, {{{"Default1"}, {"Default2"}}, {}}),
         At(kFilter, {{{"Default2"}, {"Default1"}}, {"*"}})},
        {"NothingCustom",
         {},
         At(kFilter, {{{"Default1"}, {"Default2"}}, {}}),
         At(kFilter, {{{"Default1"}, {"Default2"}}, {}})},
        {"OverrideInPlace", At(kFilter, {{{"Plugin1", 2}, {"Plugin3", 3}}, {}}),
         At(kFilter, {{{"Plugin1"}, {"Plugin2"}, {"Plugin3"}}, {}}),
         At(kFilter, {{{"Plugin1", 2}, {"Plugin2"}, {"Plugin3", 3}}, {}})},
        {"OverrideKeepsTheOrderOfTheDefaults", At(kFilter, {{{"Plugin2", 2}, {"Plugin1", 1}}, {}}),
         At(kFilter, {{{"Plugin1"}, {"Plugin2"}, {"Plugin3"}}, {}}),
         At(kFilter, {{{"Plugin1", 1}, {"Plugin2", 2}, {"Plugin3"}}, {}})},
        {"RepeatedCustomPlugin",
         At(kFilter, {{{"Plugin1"}, {"Plugin2", 2}, {"Plugin3"}, {"Plugin2", 4}}, {}}),
         At(kFilter, {{{"Plugin1"}, {"Plugin2"}, {"Plugin3"}}, {}}),
         At(kFilter, {{{"Plugin1"}, {"Plugin2", 4}, {"Plugin3"}, {"Plugin2", 2}}, {}})},
        {"AppendAtMultiPoint", AtMultiPoint({{{"Custom"}}, {}}),
         AtMultiPoint({{{"Default1"}, {"Default2"}}, {}}),
         AtMultiPoint({{{"Default1"}, {"Default2"}, {"Custom"}}, {}})},
        {"DisableAtMultiPointAndAtAPoint",
         With(AtMultiPoint({{{"Custom1"}, {"Custom2"}}, {"Default2"}}), kScore, {{}, {"Custom2"}}),
         AtMultiPoint({{{"Default1"}, {"Default2"}}, {}}),
         With(AtMultiPoint({{{"Default1"}, {"Custom1"}, {"Custom2"}}, {"Default2"}}), kScore,
              {{}, {"Custom2"}})},
        {"OverrideAtMultiPoint", AtMultiPoint({{{"Default", 5}}, {}}),
         AtMultiPoint({{{"Default"}}, {}}), AtMultiPoint({{{"Default", 5}}, {}})},
        {"DefaultsThatDisable", AtMultiPoint({{{"Custom"}}, {}}),
         AtMultiPoint({{{"Default1"}}, {"Default2"}}),
         AtMultiPoint({{{"Default1"}, {"Custom"}}, {"Default2"}})},
        {"DefaultsThatDisableAtAPoint", AtMultiPoint({{{"Custom"}}, {}}),
         With(AtMultiPoint({{{"Default1"}}, {}}), kScore, {{}, {"Default2"}}),
         With(AtMultiPoint({{{"Default1"}, {"Custom"}}, {}}), kScore, {{}, {"Default2"}})},
        {"OnlyDisable", AtMultiPoint({{}, {"Default"}}), AtMultiPoint({{{"Default"}}, {}}),
         AtMultiPoint({{}, {"Default"}})},
    }),
    [](const auto& row) { return row.param.name; });

struct ExpandRow {
  std::string name;
  PluginSets sets;
  ExtensionPoint point;
  std::vector<EnabledPlugin> expanded;
};

class Expand : public testing::TestWithParam<ExpandRow> {};

// A to D have Filter and Score, "OnlyFilter" and "OnlyScore" what they say.
TEST_P(Expand, IsKubeSchedulers) {
  const auto has_point = [&](const std::string& name) {
    return name != (GetParam().point == kScore ? "OnlyFilter" : "OnlyScore");
  };
  EXPECT_EQ(ExpandPluginSets(GetParam().sets, GetParam().point, has_point), GetParam().expanded);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Expand,
    testing::ValuesIn(std::vector<ExpandRow>{
        {"MultiPointGoesWhereThePluginHasThePoint",
         AtMultiPoint({{{"A"}, {"OnlyFilter"}, {"OnlyScore", 4}}, {}}),
         kScore,
         {{"A", 1}, {"OnlyScore", 4}}},
        {"DisabledAtThePoint",
         With(AtMultiPoint({{{"A"}, {"B"}}, {}}), kScore, {{}, {"A"}}),
         kScore,
         {{"B", 1}}},
        {"DisabledAtAnotherPoint",
         With(AtMultiPoint({{{"A"}, {"B"}}, {}}), kScore, {{}, {"A"}}),
         kFilter,
         {{"A", 1}, {"B", 1}}},
        {"AllDisabledAtThePoint",
         With(AtMultiPoint({{{"A"}, {"B"}}, {}}), kScore, {{}, {"*"}}),
         kScore,
         {}},
        {"AllDisabledAndSomeEnabled",
         With(AtMultiPoint({{{"A", 5}, {"B"}}, {}}), kScore, {{{"C"}, {"A"}}, {"*"}}),
         kScore,
         {{"C", 1}, {"A", 1}}},
        {"ThePointsOwnWeightHolds",
         With(AtMultiPoint({{{"A"}, {"B", 3}}, {}}), kScore, {{{"B", 7}}, {}}),
         kScore,
         {{"B", 7}, {"A", 1}}},
        {"NoWeightAtThePointIsOneNotMultiPoints",
         With(AtMultiPoint({{{"A"}, {"B", 3}}, {}}), kScore, {{{"B"}}, {}}),
         kScore,
         {{"B", 1}, {"A", 1}}},
        {"OverriddenThenMultiPointThenTheRest",
         With(AtMultiPoint({{{"A"}, {"B"}, {"C"}}, {}}), kFilter, {{{"D"}, {"C"}, {"A"}}, {}}),
         kFilter,
         {{"C", 1}, {"A", 1}, {"B", 1}, {"D", 1}}},
        {"OverriddenKeepTheirWeightsBeforeAnOutsider",
         With(AtMultiPoint({{{"A"}, {"B"}}, {}}), kScore, {{{"B", 5}, {"C", 5}, {"A", 3}}, {}}),
         kScore,
         {{"B", 5}, {"A", 3}, {"C", 5}}},
        {"DisabledAndEnabledAtThePointMovesToItsEnd",
         With(AtMultiPoint({{{"A", 2}, {"B"}}, {}}), kScore, {{{"A", 9}}, {"A"}}),
         kScore,
         {{"B", 1}, {"A", 9}}},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace plugin_sets_test
}  // namespace heat_scheduler
