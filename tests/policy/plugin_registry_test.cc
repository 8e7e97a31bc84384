#include "policy/plugin_registry.h"

#include <set>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace heat_scheduler {
namespace plugin_registry_test {

using nlohmann::json;

TEST(PluginRegistry, NamesEachPluginAsItNamesItself) {
  ASSERT_FALSE(PluginRegistry().empty());
  for (const PluginRegistration& registration : PluginRegistry()) {
    const auto plugin = registration.create(nullptr);
    ASSERT_TRUE(plugin.ok()) << plugin.status();
    EXPECT_EQ((*plugin)->name(), registration.name);
  }
}

TEST(PluginRegistry, HasEachNameOnce) {
  std::set<std::string_view> names;
  for (const PluginRegistration& registration : PluginRegistry()) {
    EXPECT_TRUE(names.insert(registration.name).second) << registration.name;
  }
}

TEST(PluginRegistry, TakesAnEmptyObjectForTheDefaults) {
  for (const PluginRegistration& registration : PluginRegistry()) {
    EXPECT_TRUE(registration.create(json::object()).ok()) << registration.name;
  }
}

TEST(PluginRegistry, RefusesUnknownArgumentsOfEveryPlugin) {
  for (const PluginRegistration& registration : PluginRegistry()) {
    const auto plugin = registration.create({{"nonsense", 1}});
    EXPECT_EQ(plugin.status().code(), absl::StatusCode::kInvalidArgument) << registration.name;
  }
}

TEST(CreatePlugin, SaysThatAPluginWithoutArgumentsHasNone) {
  EXPECT_EQ(CreatePlugin("NodeName", {{"node", "n"}}).status().message(),
            "NodeNameArgs: unknown key \"node\", there are no arguments");
}

TEST(CreatePlugin, HandsArgumentsOn) {
  EXPECT_TRUE(CreatePlugin("Heat", {{"mode", "Score"}}).ok());
  EXPECT_FALSE(CreatePlugin("Heat", {{"mode", "Hottest"}}).ok());
}

TEST(CreatePlugin, NamesTheNearestWhenAskedForWhatThereIsNot) {
  const absl::Status status = CreatePlugin("Heta", nullptr).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "there is no plugin \"Heta\", did you mean Heat?");
}

TEST(NoSuchPlugin, SaysWhatBecameOfPluginsOfOldConfigurations) {
  EXPECT_EQ(NoSuchPlugin("SelectorSpread"),
            "plugin SelectorSpread was removed in 1.27: PodTopologySpread does its work");
  EXPECT_EQ(NoSuchPlugin("NodeResourcesMostAllocated"),
            "plugin NodeResourcesMostAllocated was removed in 1.24: give NodeResourcesFit the "
            "scoringStrategy MostAllocated");
}

}  // namespace plugin_registry_test
}  // namespace heat_scheduler
