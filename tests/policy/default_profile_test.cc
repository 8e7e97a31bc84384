#include "policy/default_profile.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace default_profile_test {

using Names = std::vector<std::string>;

template <typename Entries>
Names NamesOf(const Entries& entries) {
  Names names;
  for (const auto& entry : entries) names.emplace_back(entry.plugin->name());
  return names;
}

std::vector<std::int64_t> WeightsOf(const std::vector<Profile::ScoreEntry>& entries) {
  std::vector<std::int64_t> weights;
  for (const Profile::ScoreEntry& entry : entries) weights.push_back(entry.weight);
  return weights;
}

TEST(DefaultProfile, RunsThePluginsInKubeSchedulersOrderAndHeatLast) {
  const absl::StatusOr<Profile> profile = DefaultProfile();
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->scheduler_name(), "heat-scheduler");
  EXPECT_EQ(NamesOf(profile->pre_enqueue()),
            (Names{"SchedulingGates", "DynamicResources", "DefaultPreemption"}));
  EXPECT_EQ(NamesOf(profile->pre_filter()),
            (Names{"NodeAffinity", "NodePorts", "NodeResourcesFit", "VolumeRestrictions",
                   "NodeVolumeLimits", "VolumeBinding", "VolumeZone", "PodTopologySpread",
                   "InterPodAffinity", "DynamicResources", "NodeDeclaredFeatures"}));
  EXPECT_EQ(NamesOf(profile->filter()),
            (Names{"NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity", "NodePorts",
                   "NodeResourcesFit", "VolumeRestrictions", "NodeVolumeLimits", "VolumeBinding",
                   "VolumeZone", "PodTopologySpread", "InterPodAffinity", "DynamicResources",
                   "NodeDeclaredFeatures", "Heat"}));
  EXPECT_EQ(NamesOf(profile->set_filter()), (Names{"Heat"}));
  EXPECT_EQ(NamesOf(profile->pre_score()),
            (Names{"TaintToleration", "NodeAffinity", "NodeResourcesFit", "VolumeBinding",
                   "PodTopologySpread", "InterPodAffinity", "NodeResourcesBalancedAllocation"}));
  EXPECT_EQ(NamesOf(profile->score()),
            (Names{"TaintToleration", "NodeAffinity", "NodeResourcesFit", "VolumeBinding",
                   "PodTopologySpread", "InterPodAffinity", "DynamicResources",
                   "NodeResourcesBalancedAllocation", "ImageLocality"}));
  EXPECT_EQ(WeightsOf(profile->score()), (std::vector<std::int64_t>{3, 2, 1, 1, 2, 2, 2, 1, 1}));
  EXPECT_EQ(NamesOf(profile->reserve()), (Names{"VolumeBinding", "DynamicResources"}));
  EXPECT_EQ(NamesOf(profile->pre_bind()), (Names{"VolumeBinding", "DynamicResources"}));
  EXPECT_TRUE(profile->post_bind().empty());
  EXPECT_EQ(NamesOf(profile->bind()), (Names{"DefaultBinder"}));
  EXPECT_EQ(NamesOf(profile->post_filter()), (Names{"DynamicResources", "DefaultPreemption"}));
  EXPECT_TRUE(profile->permit().empty());
}

}  // namespace default_profile_test
}  // namespace heat_scheduler
