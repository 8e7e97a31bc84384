#include "policy/leader_election_options.h"

#include <functional>
#include <string>

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace leader_election_options_test {

struct Case {
  const char* name;
  std::function<void(LeaderElectionOptions& options)> change;
  const char* mistakes;  // Empty: fine.
};

class LeaderElection : public testing::TestWithParam<Case> {};

// Returns the mistakes, one a line.
std::string MistakesOf(const LeaderElectionOptions& options) {
  std::string lines;
  for (const LeaderElectionMistake& mistake : FindMistakes(options)) {
    lines += mistake.option + ": " + mistake.message + "\n";
  }
  return lines;
}

TEST_P(LeaderElection, IsChecked) {
  LeaderElectionOptions options;
  GetParam().change(options);
  EXPECT_EQ(MistakesOf(options), GetParam().mistakes);
  options.leader_elect = false;
  EXPECT_EQ(MistakesOf(options), "") << "what is not used may be anything";
}

INSTANTIATE_TEST_SUITE_P(
    Table, LeaderElection,
    testing::Values(
        Case{"Defaults", [](auto&) {}, ""},
        Case{"LeaseDurationZero", [](auto& o) { o.lease_duration = absl::ZeroDuration(); },
             "leaseDuration: must be greater than 0, got 0\n"
             "leaseDuration: must be greater than renewDeadline: 0 is not above 10s\n"},
        Case{"RenewDeadlineNegative", [](auto& o) { o.renew_deadline = absl::Seconds(-1); },
             "renewDeadline: must be greater than 0, got -1s\n"
             "renewDeadline: must be greater than 1.2 times retryPeriod: -1s is not above 2.4s\n"},
        Case{"RetryPeriodZero", [](auto& o) { o.retry_period = absl::ZeroDuration(); },
             "retryPeriod: must be greater than 0, got 0\n"},
        Case{"LeaseDurationTooLong", [](auto& o) { o.lease_duration = absl::Hours(1'000'000); },
             "leaseDuration: must be at most 596523h14m7s, got 1000000h\n"},
        Case{"LeaseDurationAsTheDeadline", [](auto& o) { o.lease_duration = absl::Seconds(10); },
             "leaseDuration: must be greater than renewDeadline: 10s is not above 10s\n"},
        Case{"LeaseDurationJustLonger",
             [](auto& o) { o.lease_duration = absl::Milliseconds(10001); }, ""},
        Case{"RenewDeadlineAsTheLongestWait",
             [](auto& o) { o.renew_deadline = absl::Milliseconds(2400); },
             "renewDeadline: must be greater than 1.2 times retryPeriod: 2.4s is not above 2.4s\n"},
        Case{"RenewDeadlineJustLonger",
             [](auto& o) { o.renew_deadline = absl::Milliseconds(2401); }, ""},
        Case{"OldLock", [](auto& o) { o.resource_lock = "endpoints"; },
             "resourceLock: the only lock there is is leases, got \"endpoints\"\n"},
        Case{"NoName", [](auto& o) { o.resource_name = ""; },
             "resourceName: must consist of lower case letters, digits, '-' and '.', and begin and "
             "end with a letter or a digit, got \"\"\n"},
        Case{"NameOfKubeScheduler", [](auto& o) { o.resource_name = "kube-scheduler"; }, ""},
        Case{
            "NamespaceWithASlash", [](auto& o) { o.resource_namespace = "a/b"; },
            "resourceNamespace: must consist of lower case letters, digits, '-' and '.', and begin "
            "and end with a letter or a digit, got \"a/b\"\n"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace leader_election_options_test
}  // namespace heat_scheduler
