#include "live/binder.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/live/fixture.h"

namespace heat_scheduler {
namespace binder_test {

using Outcome = BindReply::Outcome;
using ::testing::HasSubstr;

constexpr char kPod[] = "/api/v1/namespaces/default/pods/web";
constexpr char kBinding[] = "/api/v1/namespaces/default/pods/web/binding";

class BinderTest : public ScriptedApiTest {
 protected:
  void MakeBinder(std::size_t max_in_flight = 1000) {
    binder_.emplace(
        loop_, api_, metrics_, max_in_flight, 1, nullptr,
        [this](const BindEffect&) { return objection_; },
        [this](BindReply reply) { replies_.push_back(std::move(reply)); });
  }

  static BindEffect Web() { return {.pod = {"default", "web", "u1"}, .node = "n1"}; }

  static std::string PodBody(const std::string& uid, const std::string& node,
                             const std::string& more_metadata = "") {
    return R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"default",)"
           R"("uid":")" +
           uid + R"(","resourceVersion":"5")" + more_metadata + R"(},"spec":{"nodeName":")" + node +
           R"(","containers":[]}})";
  }

  // Sends one binding and returns its reply; fails the test if none comes within ten minutes.
  BindReply BindAndWait() {
    MakeBinder();
    binder_->Bind(Web());
    EXPECT_EQ(binder_->pending(), 1u);
    EXPECT_TRUE(loop_.RunUntil([this] { return !replies_.empty(); }, absl::Minutes(10)));
    EXPECT_EQ(binder_->pending(), 0u);
    return replies_.empty() ? BindReply{} : replies_.front();
  }

  std::string objection_;
  std::vector<BindReply> replies_;
  std::optional<Binder> binder_;
};

TEST_F(BinderTest, SendsTheUidAsPreconditionAndTheNodeAsTarget) {
  server_.Expect("POST", kBinding, Reply(201, "{}"));
  const BindReply reply = BindAndWait();
  EXPECT_EQ(reply.outcome, Outcome::kBound);
  EXPECT_EQ(reply.pod.uid, "u1");
  EXPECT_THAT(server_.requests()[0].body, HasSubstr(R"("uid":"u1")"));
  EXPECT_THAT(server_.requests()[0].body, HasSubstr(R"("name":"n1")"));
  EXPECT_EQ(metrics_.bindings.Get({"bound"}), 1);
}

struct RefusedCase {
  const char* name;
  int code;
  const char* reason;
  int pod_code;  // Answer to the look-up; 0: none is made.
  const char* pod_uid;
  const char* pod_node;
  bool deleting;
  Outcome expected;
};

class BinderRefused : public BinderTest, public ::testing::WithParamInterface<RefusedCase> {};

TEST_P(BinderRefused, BecomesOutcome) {
  const RefusedCase& row = GetParam();
  server_.Expect("POST", kBinding, Reply(row.code, StatusBody(row.code, row.reason, "because")));
  if (row.pod_code == 200) {
    server_.Expect(
        "GET", kPod,
        Reply(200, PodBody(row.pod_uid, row.pod_node,
                           row.deleting ? R"(,"deletionTimestamp":"2026-01-01T00:00:00Z")" : "")));
  } else if (row.pod_code != 0) {
    server_.Expect("GET", kPod, Reply(row.pod_code, StatusBody(row.pod_code, "NotFound", "gone")));
  }
  const BindReply reply = BindAndWait();
  EXPECT_EQ(reply.outcome, row.expected);
  if (row.expected == Outcome::kFailed) {
    EXPECT_THAT(reply.message, HasSubstr("because"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, BinderRefused,
    ::testing::Values(
        RefusedCase{"OurEarlierBinding", 409, "Conflict", 200, "u1", "n1", false, Outcome::kBound},
        RefusedCase{"SomebodyElses", 409, "Conflict", 200, "u1", "n2", false,
                    Outcome::kBoundElsewhere},
        RefusedCase{"BeingDeleted", 409, "Conflict", 200, "u1", "", true, Outcome::kPodGone},
        RefusedCase{"AnotherUid", 409, "Conflict", 200, "u2", "", false, Outcome::kPodGone},
        RefusedCase{"AnotherUidOnOurNode", 409, "Conflict", 200, "u2", "n1", false,
                    Outcome::kPodGone},
        RefusedCase{"Gates", 409, "Conflict", 200, "u1", "", false, Outcome::kFailed},
        RefusedCase{"Gone", 404, "NotFound", 404, "", "", false, Outcome::kPodGone},
        RefusedCase{"GoneForAMoment", 404, "NotFound", 200, "u1", "", false, Outcome::kFailed},
        RefusedCase{"Forbidden", 403, "Forbidden", 0, "", "", false, Outcome::kFailed},
        RefusedCase{"Invalid", 422, "Invalid", 0, "", "", false, Outcome::kFailed},
        RefusedCase{"BadRequest", 400, "BadRequest", 0, "", "", false, Outcome::kFailed},
        RefusedCase{"ServerErrorButBound", 500, "InternalError", 200, "u1", "n1", false,
                    Outcome::kBound}),
    [](const auto& row) { return std::string(row.param.name); });

// Applies one plan to each request in turn, then delivers all.
class Script final : public FaultPolicy {
 public:
  explicit Script(std::vector<FaultPlan> plans) : plans_(std::move(plans)) {}
  FaultPlan OnRequest(const net::HttpRequest&) override {
    return next_ < plans_.size() ? plans_[next_++] : FaultPlan{};
  }

 private:
  std::vector<FaultPlan> plans_;
  std::size_t next_ = 0;
};

TEST_F(BinderTest, LostReplyIsLookedUpAndFoundBound) {
  Script faults({{.fate = FaultPlan::Fate::kLoseReply}});
  transport_.SetPolicy(&faults);
  server_.Expect("POST", kBinding, Reply(201, "{}"));
  server_.Expect("GET", kPod, Reply(200, PodBody("u1", "n1")));
  EXPECT_EQ(BindAndWait().outcome, Outcome::kBound);
  EXPECT_EQ(metrics_.bind_outcomes_unknown.Get({}), 1);
}

TEST_F(BinderTest, LostRequestIsSentAgainToTheSameNode) {
  Script faults({{.fate = FaultPlan::Fate::kLoseRequest}});
  transport_.SetPolicy(&faults);
  server_.Expect("GET", kPod, Reply(200, PodBody("u1", "")));
  server_.Expect("POST", kBinding, Reply(201, "{}"));
  EXPECT_EQ(BindAndWait().outcome, Outcome::kBound);
  EXPECT_THAT(server_.requests()[1].body, HasSubstr(R"("name":"n1")"));
}

TEST_F(BinderTest, SilenceIsLookedUpOnceItTimesOut) {
  Script faults({{.fate = FaultPlan::Fate::kSilence}});
  transport_.SetPolicy(&faults);
  server_.Expect("POST", kBinding, Reply(201, "{}"));
  server_.Expect("GET", kPod, Reply(200, PodBody("u1", "n2")));
  EXPECT_EQ(BindAndWait().outcome, Outcome::kBoundElsewhere);
}

TEST_F(BinderTest, UnknownOutcomeIsNeverGivenUp) {
  Script faults({{.fate = FaultPlan::Fate::kLoseReply}});
  transport_.SetPolicy(&faults);
  server_.Expect("POST", kBinding, Reply(201, "{}"));
  MakeBinder();
  binder_->Bind(Web());
  loop_.RunUntil([this] { return server_.remaining() == 0; }, absl::Minutes(1));
  transport_.Connect(nullptr);
  loop_.RunFor(absl::Hours(1));
  EXPECT_TRUE(replies_.empty());
  EXPECT_EQ(binder_->pending(), 1u);
  server_.Expect("GET", kPod, Reply(200, PodBody("u1", "n1")));
  transport_.Connect(&server_);
  loop_.RunFor(absl::Minutes(2));
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_EQ(replies_[0].outcome, Outcome::kBound);
}

// The first request may still be under way inside the server: until it cannot be any more, what
// comes after it settles nothing.
TEST_F(BinderTest, RefusalAfterAnUnknownOutcomeIsNotFinalForAMinute) {
  Script faults({{.fate = FaultPlan::Fate::kLoseRequest}});
  transport_.SetPolicy(&faults);
  std::string node;
  server_.Otherwise(
      [&node](const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) {
        if (request.method == "GET") {
          sink->Send({200, {}, PodBody("u1", node)});
        } else {
          sink->Send({403, {}, StatusBody(403, "Forbidden", "because")});
        }
      });
  MakeBinder();
  binder_->Bind(Web());
  loop_.RunFor(absl::Seconds(50));
  EXPECT_TRUE(replies_.empty());
  node = "n1";
  loop_.RunFor(absl::Minutes(2));
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_EQ(replies_[0].outcome, Outcome::kBound);
}

TEST_F(BinderTest, RefusalAfterAnUnknownOutcomeIsFinalInTheEnd) {
  Script faults({{.fate = FaultPlan::Fate::kLoseRequest}});
  transport_.SetPolicy(&faults);
  server_.Otherwise([](const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) {
    if (request.method == "GET") {
      sink->Send({200, {}, PodBody("u1", "")});
    } else {
      sink->Send({403, {}, StatusBody(403, "Forbidden", "because")});
    }
  });
  const BindReply reply = BindAndWait();
  EXPECT_EQ(reply.outcome, Outcome::kFailed);
  EXPECT_THAT(reply.message, HasSubstr("because"));
  EXPECT_GE(loop_.Now().mono, absl::Minutes(1));
}

TEST_F(BinderTest, SurelyUnsentIsTriedAgainAndThenFails) {
  transport_.Connect(nullptr);
  const BindReply reply = BindAndWait();
  EXPECT_EQ(reply.outcome, Outcome::kFailed);
  EXPECT_THAT(reply.message, HasSubstr("create pods/binding default/web"));
  EXPECT_GT(loop_.Now().mono, absl::Seconds(3));
}

TEST_F(BinderTest, TooManyRequestsIsWaitedFor) {
  server_.Expect("POST", kBinding,
                 Reply(429, StatusBody(429, "TooManyRequests", "wait"), {{"Retry-After", "7"}}));
  server_.Expect("POST", kBinding, Reply(201, "{}"));
  EXPECT_EQ(BindAndWait().outcome, Outcome::kBound);
  EXPECT_GE(loop_.Now().mono, absl::Seconds(7));
}

TEST_F(BinderTest, NoMoreThanAllowedAreInFlightAndAllAreSent) {
  MakeBinder(2);
  std::vector<std::shared_ptr<net::ResponseSink>> sinks;
  server_.Otherwise([&sinks](const net::HttpRequest&, std::shared_ptr<net::ResponseSink> sink) {
    sinks.push_back(std::move(sink));
  });
  for (int i = 0; i < 5; ++i) binder_->Bind(Web());
  loop_.RunFor(absl::Seconds(1));
  EXPECT_EQ(sinks.size(), 2u);
  EXPECT_EQ(binder_->pending(), 5u);
  EXPECT_EQ(metrics_.bindings_pending.Get({}), 5);
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_LT(i, sinks.size());
    sinks[i]->Send({.status = 201, .body = "{}"});
    loop_.RunFor(absl::Seconds(1));
  }
  EXPECT_EQ(replies_.size(), 5u);
  EXPECT_EQ(metrics_.bindings_pending.Get({}), 0);
}

TEST_F(BinderTest, AnObjectionIsTheReplyAndNothingIsSent) {
  MakeBinder();
  objection_ = "node \"n1\" was deleted before the binding was sent";
  binder_->Bind(Web());
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_EQ(replies_[0].outcome, Outcome::kFailed);
  EXPECT_EQ(replies_[0].message, objection_);
  loop_.RunFor(absl::Seconds(1));
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(BinderTest, DroppedOnesAreNeverSentAndTheEndIsQuiet) {
  MakeBinder(1);
  server_.Expect("POST", kBinding, [](const auto&, const auto&) {});
  binder_->Bind(Web());
  binder_->Bind(Web());
  binder_->DropWaiting();
  EXPECT_EQ(binder_->pending(), 1u);
  loop_.RunUntil([this] { return server_.remaining() == 0; }, absl::Minutes(1));
  binder_.reset();
  loop_.RunFor(absl::Minutes(1));
  EXPECT_TRUE(replies_.empty());
}

}  // namespace binder_test
}  // namespace heat_scheduler
