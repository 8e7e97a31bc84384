#include "scheduler/framework/profile.h"

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/scheduler/fake_plugins.h"

namespace heat_scheduler {
namespace profile_test {

template <typename... Hooks>
Profile::Enabled Enabled(std::string name, std::int64_t weight = 1) {
  return {std::make_unique<Fake<Hooks...>>(std::move(name)), weight};
}

TEST(Profile, PutsEachPluginWhereItHasAnInterfaceInTheOrderGiven) {
  std::vector<Profile::Enabled> plugins;
  plugins.push_back(Enabled<FilterHook, ScoreHook>("A", 3));
  plugins.push_back(Enabled<QueueSortHook>("Sort"));
  plugins.push_back(Enabled<PreFilterHook, FilterHook>("B"));
  plugins.push_back(Enabled<BindHook, ReserveHook>("Bind"));
  const absl::StatusOr<Profile> profile = Profile::Create("s", std::move(plugins));
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->scheduler_name(), "s");
  EXPECT_EQ(profile->plugins().size(), 4u);
  ASSERT_EQ(profile->filter().size(), 2u);
  EXPECT_EQ(profile->filter()[0].plugin->name(), "A");
  EXPECT_EQ(profile->filter()[1].plugin->name(), "B");
  ASSERT_EQ(profile->score().size(), 1u);
  EXPECT_EQ(profile->score()[0].weight, 3);
  EXPECT_EQ(profile->pre_filter().size(), 1u);
  EXPECT_EQ(profile->reserve().size(), 1u);
  EXPECT_EQ(profile->bind().size(), 1u);
  EXPECT_TRUE(profile->set_filter().empty());
  EXPECT_TRUE(profile->permit().empty());
}

std::vector<std::string> NamesOf(const auto& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.emplace_back(entry.plugin->name());
  return names;
}

// A spec with what a profile must have, and places for more.
class SpecBuilder {
 public:
  explicit SpecBuilder(std::string scheduler_name) {
    spec_.scheduler_name = std::move(scheduler_name);
    At(Add<QueueSortHook>("Sort"), {ExtensionPoint::kQueueSort});
    At(Add<BindHook>("Bind"), {ExtensionPoint::kBind});
  }

  template <typename... Hooks>
  Plugin* Add(std::string name) {
    spec_.plugins.push_back(std::make_unique<Fake<Hooks...>>(std::move(name)));
    return spec_.plugins.back().get();
  }
  void At(Plugin* plugin, std::vector<ExtensionPoint> points, std::int64_t weight = 1) {
    for (ExtensionPoint point : points) spec_.points[IndexOf(point)].push_back({plugin, weight});
  }
  Profile::Spec& spec() { return spec_; }

 private:
  Profile::Spec spec_;
};

TEST(Profile, RunsAtEachPointWhatThatPointsListHas) {
  SpecBuilder builder("s");
  Plugin* a = builder.Add<FilterHook, ScoreHook, PreScoreHook>("A");
  Plugin* b = builder.Add<FilterHook, ScoreHook>("B");
  builder.At(b, {ExtensionPoint::kFilter, ExtensionPoint::kScore}, 7);
  builder.At(a, {ExtensionPoint::kFilter});
  builder.spec().percentage_of_nodes_to_score = 30;
  const absl::StatusOr<Profile> profile = Profile::Create(std::move(builder.spec()));
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(NamesOf(profile->filter()), (std::vector<std::string>{"B", "A"}));
  EXPECT_EQ(NamesOf(profile->score()), (std::vector<std::string>{"B"}));
  EXPECT_EQ(profile->score()[0].weight, 7);
  EXPECT_TRUE(profile->pre_score().empty());
  EXPECT_EQ(profile->percentage_of_nodes_to_score(), 30);
  EXPECT_EQ(profile->plugins().size(), 4u);
}

struct BadSpecRow {
  std::string name;
  std::function<void(SpecBuilder&)> spoil;
  std::string message;
};

class BadSpec : public testing::TestWithParam<BadSpecRow> {};

TEST_P(BadSpec, IsRefused) {
  SpecBuilder builder("s");
  GetParam().spoil(builder);
  const auto profile = Profile::Create(std::move(builder.spec()));
  EXPECT_EQ(profile.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(profile.status().message(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadSpec,
    testing::ValuesIn(std::vector<BadSpecRow>{
        {"NoSuchPoint",
         [](auto& builder) {
           builder.At(builder.template Add<FilterHook>("A"), {ExtensionPoint::kPreFilter});
         },
         "profile \"s\": plugin \"A\" has no extension point preFilter"},
        {"TwiceInAList",
         [](auto& builder) {
           builder.At(builder.template Add<FilterHook>("A"),
                      {ExtensionPoint::kFilter, ExtensionPoint::kFilter});
         },
         "profile \"s\": plugin \"A\" is enabled twice at filter"},
        {"TwoOfOneName", [](auto& builder) { builder.template Add<FilterHook>("Bind"); },
         "profile \"s\": plugin \"Bind\" is enabled twice"},
        {"PercentageAbove100",
         [](auto& builder) { builder.spec().percentage_of_nodes_to_score = 101; },
         "profile \"s\": percentageOfNodesToScore 101 is not in the range 0 to 100"},
        {"PercentageNegative",
         [](auto& builder) { builder.spec().percentage_of_nodes_to_score = -1; },
         "profile \"s\": percentageOfNodesToScore -1 is not in the range 0 to 100"},
    }),
    [](const auto& row) { return row.param.name; });

struct BadRow {
  std::string name;
  std::string scheduler_name;
  std::function<void(std::vector<Profile::Enabled>&)> spoil;
  std::string message;
};

class BadProfile : public testing::TestWithParam<BadRow> {};

TEST_P(BadProfile, IsRefusedByName) {
  std::vector<Profile::Enabled> plugins;
  plugins.push_back(Enabled<QueueSortHook>("Sort"));
  plugins.push_back(Enabled<BindHook>("Bind"));
  GetParam().spoil(plugins);
  const auto profile = Profile::Create(GetParam().scheduler_name, std::move(plugins));
  EXPECT_EQ(profile.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(profile.status().message(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadProfile,
    testing::ValuesIn(std::vector<BadRow>{
        {"NoName", "", [](auto&) {}, "a profile needs a schedulerName that is not empty"},
        {"PluginTwice", "s", [](auto& plugins) { plugins.push_back(Enabled<BindHook>("Bind")); },
         "profile \"s\": plugin \"Bind\" is enabled twice"},
        {"WeightZero", "s",
         [](auto& plugins) { plugins.push_back(Enabled<ScoreHook>("Score", 0)); },
         "profile \"s\": plugin \"Score\": weight 0 is below 1"},
        {"WeightsOverflow", "s",
         [](auto& plugins) {
           const std::int64_t half = std::numeric_limits<std::int64_t>::max() / kMaxNodeScore / 2;
           plugins.push_back(Enabled<ScoreHook>("A", half));
           plugins.push_back(Enabled<ScoreHook>("B", half + 2));
         },
         "profile \"s\": plugin \"B\": weight 46116860184273881 makes the total score overflow"},
        {"TwoQueueSorts", "s",
         [](auto& plugins) { plugins.push_back(Enabled<QueueSortHook>("Other")); },
         "profile \"s\": plugin \"Other\" is a second QueueSort plugin; exactly one can be "
         "enabled"},
        {"NoQueueSort", "s", [](auto& plugins) { plugins.erase(plugins.begin()); },
         "profile \"s\": no QueueSort plugin is enabled"},
        {"NoBind", "s", [](auto& plugins) { plugins.pop_back(); },
         "profile \"s\": no Bind plugin is enabled"},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace profile_test
}  // namespace heat_scheduler
