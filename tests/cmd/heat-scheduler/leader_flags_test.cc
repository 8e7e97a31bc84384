#include "cmd/heat-scheduler/leader_flags.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cmd/heat-scheduler/parse_flags.h"

namespace heat_scheduler {
namespace leader_flags_test {

std::string Parse(std::vector<const char*> arguments, LeaderElectionOptions& options) {
  return ParseFlags(&AddLeaderFlags, std::move(arguments), options);
}

TEST(LeaderFlags, HaveKubeSchedulersDefaultsButForTheName) {
  LeaderElectionOptions options;
  EXPECT_EQ(Parse({}, options), "");
  EXPECT_TRUE(options.leader_elect);
  EXPECT_EQ(options.lease_duration, absl::Seconds(15));
  EXPECT_EQ(options.renew_deadline, absl::Seconds(10));
  EXPECT_EQ(options.retry_period, absl::Seconds(2));
  EXPECT_EQ(options.resource_lock, "leases");
  EXPECT_EQ(options.resource_name, "heat-scheduler");
  EXPECT_EQ(options.resource_namespace, "kube-system");
}

TEST(LeaderFlags, AreTaken) {
  LeaderElectionOptions options;
  EXPECT_EQ(Parse({"--leader-elect=true", "--leader-elect-lease-duration=1m30s",
                   "--leader-elect-renew-deadline", "1m", "--leader-elect-retry-period=500ms",
                   "--leader-elect-resource-lock=leases", "--leader-elect-resource-name=mine",
                   "--leader-elect-resource-namespace=ours"},
                  options),
            "");
  EXPECT_TRUE(options.leader_elect);
  EXPECT_EQ(options.lease_duration, absl::Seconds(90));
  EXPECT_EQ(options.renew_deadline, absl::Minutes(1));
  EXPECT_EQ(options.retry_period, absl::Milliseconds(500));
  EXPECT_EQ(options.resource_name, "mine");
  EXPECT_EQ(options.resource_namespace, "ours");
  EXPECT_EQ(Parse({"--leader-elect=false"}, options), "");
  EXPECT_FALSE(options.leader_elect);
  EXPECT_EQ(Parse({"--leader-elect"}, options), "");
  EXPECT_TRUE(options.leader_elect);
}

TEST(LeaderFlags, SayWhatIsWrong) {
  LeaderElectionOptions options;
  EXPECT_EQ(Parse({"--leader-elect-lease-duration=15"}, options),
            "--leader-elect-lease-duration: \"15\" is no duration; write 15s, 1m30s or 500ms");
  EXPECT_EQ(Parse({"--leader-elect-renew-deadline=20s"}, options),
            "--leader-elect-lease-duration: must be greater than renewDeadline: 15s is not above "
            "20s");
}

TEST(LeaderFlags, GoOverAConfiguration) {
  CLI::App app("Schedules.", "heat-scheduler");
  std::string config;
  app.add_option("--config", config);
  LeaderElectionOptions flags;
  AddLeaderFlags(app, flags);
  const char* arguments[] = {"heat-scheduler", "--config=c", "--leader-elect-renew-deadline=20s"};
  app.parse(3, arguments);
  LeaderElectionOptions options;
  options.lease_duration = absl::Minutes(1);
  options.resource_name = "mine";
  EXPECT_TRUE(ApplyLeaderFlags(app, flags, options).ok());
  EXPECT_EQ(options.lease_duration, absl::Minutes(1));
  EXPECT_EQ(options.renew_deadline, absl::Seconds(20));
  EXPECT_EQ(options.resource_name, "mine");
  options.lease_duration = absl::Seconds(15);
  options.resource_lock = "endpoints";
  EXPECT_EQ(ApplyLeaderFlags(app, flags, options).message(),
            "--leader-elect-lease-duration: must be greater than renewDeadline: 15s is not above "
            "20s\n"
            "--leader-elect-resource-lock: the only lock there is is leases, got \"endpoints\"");
}

TEST(LeaderIdentity, IsTheHostAndARandomUuid) {
  const std::string one = MakeLeaderIdentity("board-1");
  EXPECT_THAT(one, testing::MatchesRegex("board-1_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                                         "[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_NE(one, MakeLeaderIdentity("board-1"));
}

}  // namespace leader_flags_test
}  // namespace heat_scheduler
