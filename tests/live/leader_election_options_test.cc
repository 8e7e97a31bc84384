#include "live/leader_election_options.h"

#include <functional>
#include <string>

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace {

struct Case {
  const char* name;
  std::function<void(LeaderElectionOptions& options)> change;
  const char* message;  // Empty: fine.
};

class LeaderElectionFlags : public ::testing::TestWithParam<Case> {};

TEST_P(LeaderElectionFlags, AreChecked) {
  LeaderElectionOptions options;
  GetParam().change(options);
  const absl::Status status = Validate(options);
  EXPECT_EQ(std::string(status.message()), GetParam().message);
  EXPECT_EQ(status.code(), *GetParam().message == '\0' ? absl::StatusCode::kOk
                                                       : absl::StatusCode::kInvalidArgument);
  options.leader_elect = false;
  EXPECT_TRUE(Validate(options).ok()) << "what is not used may be anything";
}

INSTANTIATE_TEST_SUITE_P(
    Table, LeaderElectionFlags,
    ::testing::Values(
        Case{"Defaults", [](auto&) {}, ""},
        Case{"LeaseDurationZero", [](auto& o) { o.lease_duration = absl::ZeroDuration(); },
             "--leader-elect-lease-duration=0: must be greater than 0"},
        Case{"RenewDeadlineNegative", [](auto& o) { o.renew_deadline = absl::Seconds(-1); },
             "--leader-elect-renew-deadline=-1s: must be greater than 0"},
        Case{"RetryPeriodZero", [](auto& o) { o.retry_period = absl::ZeroDuration(); },
             "--leader-elect-retry-period=0: must be greater than 0"},
        Case{"LeaseDurationTooLong", [](auto& o) { o.lease_duration = absl::Hours(1'000'000); },
             "--leader-elect-lease-duration=1000000h: must be at most 596523h14m7s"},
        Case{"LeaseDurationAsTheDeadline", [](auto& o) { o.lease_duration = absl::Seconds(10); },
             "--leader-elect-lease-duration=10s: must be greater than "
             "--leader-elect-renew-deadline, which is 10s"},
        Case{"LeaseDurationJustLonger",
             [](auto& o) { o.lease_duration = absl::Milliseconds(10001); }, ""},
        Case{"RenewDeadlineAsTheLongestWait",
             [](auto& o) { o.renew_deadline = absl::Milliseconds(2400); },
             "--leader-elect-renew-deadline=2.4s: must be greater than 1.2 times "
             "--leader-elect-retry-period, which is 2.4s"},
        Case{"RenewDeadlineJustLonger",
             [](auto& o) { o.renew_deadline = absl::Milliseconds(2401); }, ""},
        Case{"OldLock", [](auto& o) { o.resource_lock = "endpoints"; },
             "--leader-elect-resource-lock=\"endpoints\": the only lock there is: leases"},
        Case{"NoName", [](auto& o) { o.resource_name = ""; },
             "--leader-elect-resource-name=\"\": must consist of lower case letters, digits, '-' "
             "and '.', and begin and end with a letter or a digit"},
        Case{"NameOfKubeScheduler", [](auto& o) { o.resource_name = "kube-scheduler"; }, ""},
        Case{"NamespaceWithASlash", [](auto& o) { o.resource_namespace = "a/b"; },
             "--leader-elect-resource-namespace=\"a/b\": must consist of lower case letters, "
             "digits, '-' and '.', and begin and end with a letter or a digit"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace heat_scheduler
