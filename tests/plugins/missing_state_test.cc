// Profiles that have a plugin's Filter or Score, but not the PreFilter or PreScore that it counts
// on: as with kube-scheduler, the pod gets an error, or the plugin does without.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/scheduler_config.h"
#include "scheduler/core/scheduler.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace missing_state_test {

struct Row {
  const char* plugin;
  const char* point;
  const char* message;  // Of the pod's error; empty: it is placed.
};

class MissingState : public testing::TestWithParam<Row> {};

TEST_P(MissingState, IsAnErrorOfThePodAlone) {
  const Row& row = GetParam();
  auto loaded = ParseSchedulerConfig(
      absl::StrCat("apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"
                   "profiles: [{plugins: {",
                   row.point, ": {disabled: [{name: ", row.plugin, "}]}}}]\n"),
      "test");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  auto scheduler = Scheduler::Create(std::move(loaded->profiles), {});
  ASSERT_TRUE(scheduler.ok()) << scheduler.status();
  const Instant now{absl::FromUnixSeconds(1'000'000), absl::Seconds(100)};
  for (const char* node : {"n1", "n2"}) {
    (*scheduler)->Handle(ObjectChanged{MakeNode(node).Cpu("4").Label("zone", node).Ref()}, now);
  }
  (*scheduler)->Handle(ObjectChanged{MakePod("p").Cpu("1").Ref()}, now);
  const auto attempt = (*scheduler)->ScheduleOne(now);
  ASSERT_TRUE(attempt.has_value());
  EXPECT_EQ(attempt->message, row.message);
  EXPECT_EQ(attempt->node.empty(), row.message[0] != '\0');
}

INSTANTIATE_TEST_SUITE_P(
    Table, MissingState,
    testing::Values(
        Row{"InterPodAffinity", "preFilter",
            "running \"InterPodAffinity\" filter plugin: error reading \"InterPodAffinity\" from "
            "cycleState: not found"},
        Row{"PodTopologySpread", "preFilter",
            "running \"PodTopologySpread\" filter plugin: error reading \"PodTopologySpread\" from "
            "cycleState: not found"},
        Row{"VolumeRestrictions", "preFilter",
            "running \"VolumeRestrictions\" filter plugin: error reading \"VolumeRestrictions\" "
            "from cycleState: not found"},
        Row{"VolumeBinding", "preFilter",
            "running \"VolumeBinding\" filter plugin: error reading \"VolumeBinding\" from "
            "cycleState: not found"},
        Row{"InterPodAffinity", "preScore",
            "running Score plugins: plugin \"InterPodAffinity\" failed with: error reading "
            "\"InterPodAffinity\" from cycleState: not found"},
        Row{"PodTopologySpread", "preScore",
            "running Score plugins: plugin \"PodTopologySpread\" failed with: error reading "
            "\"PodTopologySpread\" from cycleState: not found"},
        Row{"NodeAffinity", "preFilter", ""}, Row{"NodeAffinity", "preScore", ""},
        Row{"NodeResourcesFit", "preScore", ""}, Row{"VolumeZone", "preFilter", ""},
        Row{"NodeVolumeLimits", "preFilter", ""}),
    [](const auto& row) { return absl::StrCat(row.param.plugin, "Without", row.param.point); });

}  // namespace missing_state_test
}  // namespace heat_scheduler
