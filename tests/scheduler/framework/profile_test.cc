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
namespace {

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

}  // namespace
}  // namespace heat_scheduler
