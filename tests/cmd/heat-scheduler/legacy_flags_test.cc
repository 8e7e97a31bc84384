#include "cmd/heat-scheduler/legacy_flags.h"

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "cmd/heat-scheduler/config_flags.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heat_scheduler {
namespace legacy_flags_test {

using testing::ElementsAre;
using testing::IsEmpty;

class LegacyFlagsTest : public testing::Test {
 protected:
  LegacyFlagsTest() {
    AddConfigFlags(app_, config_);
    AddPolicyFlags(app_, config_);
    AddLegacyFlags(app_, flags_);
  }
  void Parse(std::vector<std::string> arguments) {
    // The parser takes them from the back.
    app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  }

  CLI::App app_{"Schedules.", "heat-scheduler"};
  ConfigFlags config_;
  LegacyFlags flags_;
};

TEST_F(LegacyFlagsTest, OfTheAncestorsDeploymentAreTakenWithAWarning) {
  Parse({"--address=0.0.0.0", "--scheduler-name=heat-scheduler",
         "--policy-configmap=scheduler-config", "--policy-configmap-namespace=kube-system"});
  EXPECT_THAT(WarningsOfLegacyFlags(app_),
              ElementsAre("--address is deprecated: only the probes are served there, and at "
                          "--secure-port as well",
                          "--policy-configmap is deprecated: convert the policy: heat-scheduler "
                          "config convert",
                          "--scheduler-name is deprecated: say schedulerName in the file of "
                          "--config"));
  EXPECT_TRUE(WantsPlainProbes(app_, flags_));
  EXPECT_EQ(flags_.port, 10251);
}

TEST_F(LegacyFlagsTest, WithoutEffectAreTakenTooWhateverTheySay) {
  Parse({"--algorithm-provider=DefaultProvider", "--hard-pod-affinity-symmetric-weight=1",
         "--kube-api-qps=50", "--kube-api-burst", "100", "--kube-api-content-type=x",
         "--profiling=false", "--contention-profiling", "--use-legacy-policy-config=true"});
  EXPECT_EQ(WarningsOfLegacyFlags(app_).size(), 8u);
  EXPECT_FALSE(WantsPlainProbes(app_, flags_));
}

TEST_F(LegacyFlagsTest, OfTheLockNameTheLease) {
  Parse({"--lock-object-name=lock", "--lock-object-namespace=ns", "--port=0"});
  LeaderElectionOptions options;
  ApplyLockFlags(app_, options);
  EXPECT_EQ(options.resource_name, "lock");
  EXPECT_EQ(options.resource_namespace, "ns");
  EXPECT_FALSE(WantsPlainProbes(app_, flags_));
}

TEST_F(LegacyFlagsTest, ThatAreNotGivenChangeNothing) {
  Parse({});
  LeaderElectionOptions options;
  ApplyLockFlags(app_, options);
  EXPECT_EQ(options.resource_name, LeaderElectionOptions().resource_name);
  EXPECT_THAT(WarningsOfLegacyFlags(app_), IsEmpty());
  EXPECT_FALSE(WantsPlainProbes(app_, flags_));
}

}  // namespace legacy_flags_test
}  // namespace heat_scheduler
