#include "kube/client/exec_credentials.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "kube/client/token_source.h"

namespace heat_scheduler::kube {
namespace exec_credentials_test {

const absl::Time kStart = absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());

// Moved by hand.
class HandClock final : public Clock {
 public:
  Instant Now() const override {
    const absl::Duration passed = absl::Seconds(seconds_.load());
    return {kStart + passed, passed};
  }
  void Advance(absl::Duration by) { seconds_ += absl::ToInt64Seconds(by); }

 private:
  std::atomic<std::int64_t> seconds_ = 1000;
};

// A program that says "t1", "t2", ..., each good for fifteen minutes.
class ExecCredentialsTest : public testing::Test {
 protected:
  std::shared_ptr<ExecCredentials> Make() {
    auto made = ExecCredentials::Create(
        {}, clock_,
        [this](const ExecPlugin&, const Clock&,
               const std::stop_token& stop) -> absl::StatusOr<ExecCredential> {
          const int run = ++runs_;
          while (hangs_ && !stop.stop_requested()) std::this_thread::yield();
          if (stop.stop_requested()) return absl::CancelledError("ended");
          if (fails_) return absl::FailedPreconditionError("no luck");
          return ExecCredential{.token = "t" + std::to_string(run),
                                .key_pair = {},
                                .expires = clock_.Now().wall + absl::Minutes(15)};
        });
    return made.ok() ? *made : nullptr;
  }
  // Waits until the program has run so often and what came of it can be seen.
  static void AwaitToken(ExecCredentials& credentials, const std::string& token) {
    while (credentials.Current().value().token != token) std::this_thread::yield();
  }

  HandClock clock_;
  std::atomic<int> runs_ = 0;
  std::atomic<bool> hangs_ = false;
  std::atomic<bool> fails_ = false;
};

TEST_F(ExecCredentialsTest, AreKeptWhileTheyLast) {
  const auto credentials = Make();
  clock_.Advance(absl::Minutes(12));
  EXPECT_EQ(credentials->Current()->token, "t1");
  EXPECT_EQ(runs_, 1);
}

TEST_F(ExecCredentialsTest, AreRenewedBeforeTheyEnd) {
  const auto credentials = Make();
  clock_.Advance(absl::Minutes(13));
  AwaitToken(*credentials, "t2");
  EXPECT_EQ(runs_, 2);
}

TEST_F(ExecCredentialsTest, AreRenewedOnceTheServerRefusesThem) {
  const auto credentials = Make();
  TokenSource source = TokenSource::Exec(credentials);
  EXPECT_EQ(source.Authorization({}).value(), "Bearer t1");
  clock_.Advance(absl::Minutes(1));
  EXPECT_FALSE(source.Refresh({})) << "it would have waited";
  AwaitToken(*credentials, "t2");
  EXPECT_EQ(source.Authorization({}).value(), "Bearer t2");
}

// Fault row 43.
TEST_F(ExecCredentialsTest, Row43AHangingProgramDelaysNobodyAndIsEnded) {
  const auto credentials = Make();
  hangs_ = true;
  clock_.Advance(absl::Minutes(14));
  EXPECT_EQ(credentials->Current()->token, "t1");
  while (runs_ < 2) std::this_thread::yield();
  clock_.Advance(absl::Minutes(14));
  EXPECT_EQ(credentials->Current()->token, "t1");
  EXPECT_EQ(runs_, 2) << "it runs twice at a time";
}

TEST_F(ExecCredentialsTest, AFailureLeavesWhatThereIsAndIsToldOnceThatHasEnded) {
  const auto credentials = Make();
  fails_ = true;
  clock_.Advance(absl::Minutes(14));
  EXPECT_EQ(credentials->Current()->token, "t1");
  while (runs_ < 2) std::this_thread::yield();
  clock_.Advance(absl::Minutes(2));
  while (credentials->Current().ok()) std::this_thread::yield();
  EXPECT_EQ(credentials->Current().status().message(), "no luck");
}

TEST_F(ExecCredentialsTest, AFailedProgramIsTriedAgainAfterAPause) {
  const auto credentials = Make();
  fails_ = true;
  clock_.Advance(absl::Minutes(16));
  while (credentials->Current().ok()) std::this_thread::yield();
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(credentials->Current().ok());
  EXPECT_EQ(runs_, 2);
  fails_ = false;
  clock_.Advance(kExecPause);
  while (!credentials->Current().ok()) std::this_thread::yield();
  EXPECT_EQ(credentials->Current()->token, "t3");
}

TEST_F(ExecCredentialsTest, AFailureAtTheStartIsTold) {
  fails_ = true;
  EXPECT_EQ(Make(), nullptr);
}

TEST(ExecCredentials, AreSharedByThoseWhoWouldRunTheSame) {
  const HandClock clock;
  ExecPlugin plugin;
  plugin.program = {"sh",
                    {"-c", R"(echo "{\"kind\":\"ExecCredential\",\"apiVersion\":\"v\",)"
                           R"(\"status\":{\"token\":\"$$\"}}")"},
                    {}};
  plugin.api_version = "v";
  const auto one = ExecCredentials::Of(plugin, clock);
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(ExecCredentials::Of(plugin, clock).value(), *one);
  plugin.program.env = {{"OTHER", "1"}};
  EXPECT_NE(ExecCredentials::Of(plugin, clock).value(), *one);
}

}  // namespace exec_credentials_test
}  // namespace heat_scheduler::kube
