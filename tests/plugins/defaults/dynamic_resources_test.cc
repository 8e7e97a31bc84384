#include "plugins/defaults/dynamic_resources.h"

#include <map>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "scheduler/framework/diagnosis.h"
#include "tests/plugins/asking.h"
#include "tests/support/objects.h"

namespace heat_scheduler {
namespace dynamic_resources_test {

using nlohmann::json;

kube::Pod WithClaim() {
  kube::Pod pod = MakePod("p");
  pod.spec->resource_claims = {"gpu"};
  return pod;
}

kube::Pod InGroup() {
  kube::Pod pod = MakePod("p");
  pod.spec->pod_group = "gang";
  return pod;
}

std::string PreFiltered(const kube::Pod& pod) {
  const auto cluster = MakeCluster({MakeNode("n")});
  return Asking(*cluster, pod, DynamicResources()).PreFilter();
}

TEST(DynamicResources, LeavesOutPodsWithoutClaims) { EXPECT_EQ(PreFiltered(MakePod("p")), "Skip"); }

TEST(DynamicResources, RefusesWhatItCannotPlace) {
  EXPECT_EQ(PreFiltered(WithClaim()),
            "UnschedulableAndUnresolvable: pods with resource claims are not supported by this "
            "scheduler");
  EXPECT_EQ(
      PreFiltered(InGroup()),
      "UnschedulableAndUnresolvable: pods of a pod group are not supported by this scheduler");
}

TEST(DynamicResources, ScoresNothingEverywhere) {
  const auto cluster = MakeCluster({MakeNode("a"), MakeNode("b")});
  EXPECT_EQ(Asking(*cluster, MakePod("p"), DynamicResources()).Scored(),
            (std::map<std::string, std::int64_t>{{"a", 0}, {"b", 0}}));
}

class NoDryRuns final : public DryRuns {
 public:
  std::unique_ptr<DryRun> On(NodeId /*node*/) override { return nullptr; }
};

Status PostFiltered(bool pre_filter_ran) {
  const auto cluster = MakeCluster({MakeNode("n")});
  const DynamicResources plugin;
  Asking asking(*cluster, MakePod("p"), plugin);
  if (pre_filter_ran) asking.cycle().state.NotePreFilter(&plugin, true);
  NoDryRuns dry_runs;
  const PostFilterResult result = plugin.PostFilter(asking.cycle(), Diagnosis(), dry_runs);
  EXPECT_EQ(result.nominated_node_name, std::nullopt);
  return result.status;
}

TEST(DynamicResources, HasNoClaimToGiveBack) {
  const Status status = PostFiltered(true);
  EXPECT_EQ(status.code, Code::kUnschedulable);
  EXPECT_EQ(status.Message(), "no new claims to deallocate");
}

TEST(DynamicResources, FailsWherePreFilterEndedBeforeItsTurn) {
  const Status status = PostFiltered(false);
  EXPECT_EQ(status.code, Code::kError);
  EXPECT_EQ(status.Message(), "not found");
}

TEST(CheckDynamicResourcesArgs, TakesTimeouts) {
  EXPECT_TRUE(CheckDynamicResourcesArgs(nullptr).ok());
  EXPECT_TRUE(CheckDynamicResourcesArgs({{"filterTimeout", "0s"}, {"bindingTimeout", "1s"}}).ok());
}

TEST(CheckDynamicResourcesArgs, RefusesTimeoutsOutOfRange) {
  const absl::Status status =
      CheckDynamicResourcesArgs({{"filterTimeout", "-1s"}, {"bindingTimeout", "999ms"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "DynamicResourcesArgs.filterTimeout: must not be below 0\n"
            "DynamicResourcesArgs.bindingTimeout: must be 1s or more");
}

}  // namespace dynamic_resources_test
}  // namespace heat_scheduler
