#include "policy/default_profile.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace {

using Names = std::vector<std::string>;

template <typename Entries>
Names NamesOf(const Entries& entries) {
  Names names;
  for (const auto& entry : entries) names.emplace_back(entry.plugin->name());
  return names;
}

TEST(DefaultProfile, RunsThePluginsInKubeSchedulersOrderAndHeatLast) {
  const absl::StatusOr<Profile> profile = DefaultProfile();
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->scheduler_name(), "heat-scheduler");
  EXPECT_EQ(NamesOf(profile->pre_enqueue()), (Names{"SchedulingGates"}));
  EXPECT_EQ(NamesOf(profile->pre_filter()), (Names{"NodeAffinity", "NodePorts", "NodeResourcesFit",
                                                   "PodTopologySpread", "InterPodAffinity"}));
  EXPECT_EQ(NamesOf(profile->filter()),
            (Names{"NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity", "NodePorts",
                   "NodeResourcesFit", "PodTopologySpread", "InterPodAffinity", "Heat"}));
  EXPECT_EQ(NamesOf(profile->set_filter()), (Names{"Heat"}));
  EXPECT_EQ(NamesOf(profile->score()),
            (Names{"NodeResourcesFit", "PodTopologySpread", "InterPodAffinity"}));
  EXPECT_EQ(NamesOf(profile->bind()), (Names{"DefaultBinder"}));
  EXPECT_TRUE(profile->post_filter().empty());
  EXPECT_EQ(NamesOf(profile->pre_score()), (Names{"PodTopologySpread", "InterPodAffinity"}));
  EXPECT_TRUE(profile->reserve().empty());
  EXPECT_TRUE(profile->permit().empty());
  EXPECT_TRUE(profile->pre_bind().empty());
  EXPECT_TRUE(profile->post_bind().empty());
}

}  // namespace
}  // namespace heat_scheduler
