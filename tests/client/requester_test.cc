#include "kube/client/requester.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/client/client_fixture.h"

namespace heat_scheduler::kube {
namespace requester_test {

using testing::ElementsAre;

class RequesterTest : public ClientFixture {
 protected:
  static ApiRequest Request(std::string method = "GET") {
    return {.verb = method == "GET" ? "get" : "create",
            .group = "",
            .resource = "pods",
            .object = "default/web",
            .http = {.method = std::move(method), .target = "/x"}};
  }

  // Sends one request and returns what came of it.
  ApiResult<net::HttpResponse> Ask(Requester& requester, const std::string& method = "GET",
                                   CallOptions options = {}) {
    std::optional<ApiResult<net::HttpResponse>> result;
    requester.Send(Request(method), options, Into(result));
    return Wait(result);
  }

  Requester requester_{transport_, loop_, *decoder_, Options()};
};

TEST_F(RequesterTest, SendsWhoWeAreAndWhatWeRead) {
  RequesterOptions options = Options();
  options.token = TokenSource::Bearer("t0");
  options.path_prefix = "/prefix";
  Requester requester(transport_, loop_, *decoder_, options);
  server_.Expect("GET", "/prefix/x", Reply(200, "ok"));
  EXPECT_EQ(Ask(requester)->body, "ok");
  const net::Headers& headers = server_.requests()[0].headers;
  EXPECT_EQ(net::FindHeader(headers, "Accept"), "application/json");
  EXPECT_EQ(net::FindHeader(headers, "User-Agent"), "test/1");
  EXPECT_EQ(net::FindHeader(headers, "Authorization"), "Bearer t0");
  EXPECT_THAT(reports_, ElementsAre("get pods 200"));
}

struct FailureRow {
  std::string name;
  FaultPlan plan;
  int status;
  std::string body;
  ApiFailure::Kind kind;
  bool maybe_done;
  std::string message;
};

class RequesterFailures : public RequesterTest, public testing::WithParamInterface<FailureRow> {};

TEST_P(RequesterFailures, SayWhatMayHaveHappenedAndWhatToDo) {
  PlannedFaults faults({GetParam().plan});
  transport_.SetPolicy(&faults);
  server_.Otherwise(Reply(GetParam().status, GetParam().body));
  const auto result = Ask(requester_, "POST", {.timeout = absl::Seconds(5), .max_retries = 0});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.failure().kind, GetParam().kind);
  EXPECT_EQ(result.failure().maybe_done(), GetParam().maybe_done);
  EXPECT_EQ(result.failure().status.message(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, RequesterFailures,
    testing::Values(
        FailureRow{"Refused",
                   {.fate = FaultPlan::Fate::kRefuse},
                   200,
                   "",
                   ApiFailure::Kind::kNotSent,
                   false,
                   "create pods default/web: connect: connection refused"},
        FailureRow{"ReplyLost",
                   {.fate = FaultPlan::Fate::kLoseReply},
                   200,
                   "",
                   ApiFailure::Kind::kUnknown,
                   true,
                   "create pods default/web: connection cut before the response"},
        FailureRow{"TimedOut",
                   {.fate = FaultPlan::Fate::kSilence},
                   200,
                   "",
                   ApiFailure::Kind::kUnknown,
                   true,
                   "create pods default/web: no response within 5s"},
        FailureRow{"AnswerTooLong",
                   {},
                   200,
                   std::string(3 * 1024 * 1024 + 1, 'x'),
                   ApiFailure::Kind::kUnreadable,
                   true,
                   "create pods default/web: response body is over the limit of 3145728 bytes"},
        FailureRow{"Forbidden",
                   {},
                   403,
                   StatusJson(403, "Forbidden", "no"),
                   ApiFailure::Kind::kRefused,
                   false,
                   "create pods default/web: 403 Forbidden: no; allow the verb \"create\" on "
                   "resource \"pods\" of API group \"\" by RBAC, with a ClusterRole and a "
                   "ClusterRoleBinding for this user"},
        FailureRow{"Unauthorized",
                   {},
                   401,
                   StatusJson(401, "Unauthorized", "Unauthorized"),
                   ApiFailure::Kind::kRefused,
                   false,
                   "create pods default/web: 401 Unauthorized: Unauthorized; check the token or "
                   "the client certificate of this user"},
        FailureRow{"Conflict",
                   {},
                   409,
                   StatusJson(409, "Conflict", "pod is already assigned"),
                   ApiFailure::Kind::kRefused,
                   false,
                   "create pods default/web: 409 Conflict: pod is already assigned"},
        FailureRow{"TooManyRequests",
                   {},
                   429,
                   StatusJson(429, "TooManyRequests", "slow down"),
                   ApiFailure::Kind::kRefused,
                   false,
                   "create pods default/web: 429 TooManyRequests: slow down"},
        FailureRow{"ServerGaveUp",
                   {},
                   504,
                   StatusJson(504, "Timeout", "etcd"),
                   ApiFailure::Kind::kRefused,
                   true,
                   "create pods default/web: 504 Timeout: etcd"},
        FailureRow{"AProxysPage",
                   {},
                   502,
                   "<html>\x1b[2J",
                   ApiFailure::Kind::kRefused,
                   true,
                   "create pods default/web: 502: <html>\\x1b[2J"},
        FailureRow{"Redirect",
                   {},
                   302,
                   "",
                   ApiFailure::Kind::kRefused,
                   false,
                   "create pods default/web: 302"}),
    [](const auto& row) { return row.param.name; });

TEST_F(RequesterTest, FaultRow12TooManyRequestsIsObeyedForEveryVerb) {
  server_.Expect("POST", "/x", Reply(429, "", {{"Retry-After", "7"}}));
  server_.Expect("POST", "/x", Reply(201, "done"));
  EXPECT_EQ(Ask(requester_, "POST")->body, "done");
  EXPECT_GE(loop_.Now().mono, absl::Seconds(7));
  EXPECT_LT(loop_.Now().mono, absl::Seconds(7.1));
  EXPECT_THAT(reports_, ElementsAre("create pods 429", "create pods 201"));
}

TEST_F(RequesterTest, TooManyRequestsWithoutAPauseWaitsASecond) {
  server_.Expect("GET", "/x", Reply(429, ""));
  server_.Expect("GET", "/x", Reply(200, ""));
  EXPECT_TRUE(Ask(requester_).ok());
  EXPECT_GE(loop_.Now().mono, absl::Seconds(1));
}

// ---- The gate ----

TEST_F(RequesterTest, AsksTheGateAboutEachTryOfAWriteAndAboutNoRead) {
  absl::Status gate;
  int asked = 0;
  RequesterOptions options = Options();
  options.write_gate = [&] {
    ++asked;
    return gate;
  };
  Requester requester(transport_, loop_, *decoder_, options);
  server_.Expect("POST", "/x", Reply(429, "", {{"Retry-After", "7"}}));
  std::optional<ApiResult<net::HttpResponse>> result;
  requester.Send(Request("POST"), {}, Into(result));
  loop_.RunFor(absl::Seconds(1));
  EXPECT_EQ(asked, 1);
  gate = absl::FailedPreconditionError("not the leader");
  const ApiResult<net::HttpResponse> refused = Wait(result);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(asked, 2);
  EXPECT_GE(loop_.Now().mono, absl::Seconds(7));
  EXPECT_EQ(refused.failure().kind, ApiFailure::Kind::kNotSent);
  EXPECT_EQ(std::string(refused.failure().status.message()),
            "create pods default/web: not the leader");
  server_.Expect("GET", "/x", Reply(200, "read"));
  EXPECT_EQ(Ask(requester)->body, "read");
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(server_.requests().size(), 2u);
}

TEST_F(RequesterTest, AbsurdPausesAreCut) {
  server_.Expect("GET", "/x", Reply(429, "", {{"Retry-After", "99999999999"}}));
  server_.Expect("GET", "/x", Reply(200, ""));
  EXPECT_TRUE(Ask(requester_).ok());
  EXPECT_LT(loop_.Now().mono, absl::Seconds(61));
}

TEST_F(RequesterTest, GivesUpAfterItsRetries) {
  for (int i = 0; i < 3; ++i) server_.Expect("GET", "/x", Reply(429, ""));
  EXPECT_TRUE(Ask(requester_, "GET", {.max_retries = 2}).failure().IsHttp(429));
}

TEST_F(RequesterTest, ServiceUnavailableIsTriedAgainForReadsAlone) {
  server_.Expect("GET", "/x", Reply(503, "", {{"Retry-After", "2"}}));
  server_.Expect("GET", "/x", Reply(200, ""));
  EXPECT_TRUE(Ask(requester_).ok());
  server_.Expect("POST", "/x", Reply(503, "", {{"Retry-After", "2"}}));
  const auto write = Ask(requester_, "POST");
  EXPECT_TRUE(write.failure().IsHttp(503));
  EXPECT_EQ(write.failure().retry_after(), absl::Seconds(2));
}

// A token file that is rotated by the test.
class RequesterToken : public RequesterTest {
 protected:
  RequesterOptions TokenOptions() {
    RequesterOptions options = Options();
    options.token = TokenSource::BearerFile(
        "/token", [this](const std::string&) -> absl::StatusOr<std::string> { return token_; });
    return options;
  }
  std::string SentToken(std::size_t request) const {
    return std::string(net::FindHeader(server_.requests()[request].headers, "Authorization"));
  }
  absl::StatusOr<std::string> token_ = std::string("old");
  Requester with_token_{transport_, loop_, *decoder_, TokenOptions()};
};

TEST_F(RequesterToken, FaultRow43RotatedTokenIsReadAgainOn401) {
  server_.Expect("POST", "/x", [this](const auto&, std::shared_ptr<net::ResponseSink> sink) {
    token_ = "new";
    sink->Send({401, {}, ""});
  });
  server_.Expect("POST", "/x", Reply(201, ""));
  EXPECT_TRUE(Ask(with_token_, "POST").ok());
  EXPECT_EQ(SentToken(0), "Bearer old");
  EXPECT_EQ(SentToken(1), "Bearer new");
}

TEST_F(RequesterToken, SameTokenIsNotTriedTwice) {
  server_.Expect("GET", "/x", Reply(401, ""));
  EXPECT_TRUE(Ask(with_token_).failure().IsHttp(401));
}

TEST_F(RequesterToken, ASecond401IsFinal) {
  int rotation = 0;
  server_.Otherwise([&](const auto&, std::shared_ptr<net::ResponseSink> sink) {
    token_ = "t" + std::to_string(++rotation);
    sink->Send({401, {}, ""});
  });
  EXPECT_TRUE(Ask(with_token_).failure().IsHttp(401));
  EXPECT_EQ(server_.requests().size(), 2u);
}

TEST_F(RequesterToken, UnreadableTokenIsNotSent) {
  token_ = absl::PermissionDeniedError("cannot open /token");
  const auto result = Ask(with_token_);
  EXPECT_EQ(result.failure().kind, ApiFailure::Kind::kNotSent);
  EXPECT_EQ(result.failure().status.message(), "get pods default/web: cannot open /token");
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(RequesterTest, CancelledCallsAreSilent) {
  server_.Otherwise(Reply(429, "", {{"Retry-After", "5"}}));
  bool called = false;
  const auto id = requester_.Send(Request(), {}, [&](const auto&) { called = true; });
  loop_.RunFor(absl::Seconds(2));  // In its pause.
  requester_.Cancel(id);
  requester_.Cancel(id);
  loop_.RunFor(absl::Minutes(2));
  EXPECT_FALSE(called);
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(RequesterTest, EndingItCancelsEverything) {
  server_.Otherwise(Reply(200, ""));
  {
    Requester brief(transport_, loop_, *decoder_, {});
    brief.Send(Request(), {}, [](const auto&) { FAIL() << "called back after its end"; });
    brief.Stream(Request(), {},
                 {.on_open = [] { FAIL(); },
                  .on_data = [](std::string_view) { FAIL(); },
                  .on_end = [](const StreamEnd&) { FAIL(); }});
  }
  loop_.RunFor(absl::Minutes(2));
  EXPECT_EQ(transport_.open(), 0u);
}

}  // namespace requester_test
}  // namespace heat_scheduler::kube
