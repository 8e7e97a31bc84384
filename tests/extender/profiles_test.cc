#include "extender/profiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace heat_scheduler {
namespace profiles_test {

using ::testing::ElementsAre;

absl::StatusOr<ExtenderProfiles> FromYaml(const std::string& profiles) {
  const std::string text =
      "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n" + profiles;
  const absl::StatusOr<LoadedConfig> loaded = ParseSchedulerConfig(text, "conf.yaml");
  if (!loaded.ok()) return loaded.status();
  return ExtenderProfiles::Create(loaded->config);
}

TEST(ExtenderProfiles, AlwaysHaveHeatAndTheAncestor) {
  const auto profiles = ExtenderProfiles::Create();
  ASSERT_TRUE(profiles.ok()) << profiles.status();
  EXPECT_THAT(profiles->names(), ElementsAre("heat"));
  EXPECT_EQ(profiles->heat().profile.score().size(), 1u);
  EXPECT_TRUE(profiles->heat().profile.set_filter().empty());
  EXPECT_EQ(profiles->ancestor().profile.set_filter().size(), 1u);
  EXPECT_TRUE(profiles->ancestor().profile.score().empty());
  EXPECT_EQ(profiles->Find("coolest"), nullptr);
  EXPECT_TRUE(profiles->CheckAllAnswerFromNodes().ok());
}

TEST(ExtenderProfiles, TakeThoseOfAConfigurationWhateverTheyRead) {
  const auto profiles = FromYaml(R"(
profiles:
- schedulerName: all
- schedulerName: taints
  plugins: {multiPoint: {disabled: [{name: "*"}],
    enabled: [{name: PrioritySort}, {name: TaintToleration}, {name: NodeAffinity}, {name: DefaultBinder}]}}
)");
  ASSERT_TRUE(profiles.ok()) << profiles.status();
  EXPECT_THAT(profiles->names(), ElementsAre("all", "heat", "taints"));
  EXPECT_EQ(profiles->Find("taints")->beyond_nodes, "");
  const std::string why =
      "plugin VolumeRestrictions of profile \"all\" reads the pods on nodes, which a request that "
      "carries "
      "its nodes does not say";
  EXPECT_EQ(profiles->Find("all")->beyond_nodes, why);
  EXPECT_EQ(profiles->CheckAllAnswerFromNodes().message(),
            why +
                "\nswitch these plugins off in the profile (plugins.multiPoint.disabled), or have "
                "a heat-scheduler that watches the API server answer (--extender-listen)");
}

TEST(ExtenderProfiles, OneCalledHeatTakesThePlaceOfOurs) {
  const auto profiles = FromYaml(R"(
profiles:
- schedulerName: heat
  plugins: {multiPoint: {disabled: [{name: "*"}],
    enabled: [{name: PrioritySort}, {name: ImageLocality}, {name: DefaultBinder}]}}
)");
  ASSERT_TRUE(profiles.ok()) << profiles.status();
  EXPECT_THAT(profiles->names(), ElementsAre("heat"));
  EXPECT_EQ(profiles->heat().profile.score().front().plugin->name(), "ImageLocality");
}

}  // namespace profiles_test
}  // namespace heat_scheduler
