// Who may read what of the secure port, with the API server's answers written out.
#include "live/delegated_guard.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/file_reader.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/live/fixture.h"
#include "tests/support/test_ca.h"

namespace heat_scheduler {
namespace delegated_guard_test {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kTokenReviews[] = "/apis/authentication.k8s.io/v1/tokenreviews";
constexpr char kAccessReviews[] = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
constexpr char kConfigMap[] =
    "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
constexpr char kPrometheus[] =
    R"({"status":{"authenticated":true,"user":{"username":"prometheus","uid":"7","groups":["sa"],)"
    R"("extra":{"k":["v"]}}}})";

class DelegatedGuardTest : public ScriptedApiTest {
 protected:
  // Returns the status of the refusal and its body, or 200 if there is none.
  struct Verdict {
    int status = 0;
    std::string body;
  };

  Verdict Ask(const std::string& path, const std::string& token = "",
              const std::string& method = "GET") {
    net::HttpRequest request{.method = method, .target = path};
    if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
    return Ask(request);
  }

  Verdict Ask(const net::HttpRequest& request) {
    std::optional<Verdict> verdict;
    Check(request, [&verdict](const Verdict& found) { verdict = found; });
    loop_.RunUntil([&] { return verdict.has_value(); }, absl::Minutes(5));
    return verdict.value_or(Verdict{});
  }

  void Check(const net::HttpRequest& request, std::function<void(const Verdict&)> done) {
    if (guard_ == nullptr) {
      guard_ = std::make_unique<DelegatedGuard>(loop_, requester_, requester_, options_);
    }
    guard_->Check(request, request.target,
                  [done = std::move(done)](std::optional<net::HttpResponse> refusal) {
                    if (!refusal.has_value()) return done({200, ""});
                    done({refusal->status, refusal->body});
                  });
  }

  std::vector<json> Sent(const std::string& target) const {
    std::vector<json> bodies;
    for (const net::HttpRequest& request : server_.requests()) {
      if (request.target == target) bodies.push_back(json::parse(request.body));
    }
    return bodies;
  }

  static Answer Allow() { return Reply(201, R"({"status":{"allowed":true}})"); }
  static Answer Deny(const std::string& reason = "") {
    return Reply(201, R"({"status":{"allowed":false,"reason":")" + reason + R"("}})");
  }

  AccessOptions options_;
  kube::Requester requester_{transport_, loop_, *decoder_, {}};
  std::unique_ptr<DelegatedGuard> guard_;
};

TEST_F(DelegatedGuardTest, OpenPathsAskNobody) {
  options_.authorization.always_allow_paths = {"/healthz", "/readyz", "livez", "/debug/*"};
  for (const char* path : {"/healthz", "/readyz", "/livez", "/debug/", "/debug/pprof/heap"}) {
    EXPECT_EQ(Ask(path, "whatever").status, 200) << path;
  }
}

TEST_F(DelegatedGuardTest, ATokenIsReviewedAndThenItsAccess) {
  server_.Expect("POST", kTokenReviews, Reply(201, kPrometheus));
  server_.Expect("POST", kAccessReviews, Allow());
  EXPECT_EQ(Ask("/metrics", "secret").status, 200);
  EXPECT_EQ(Sent(kTokenReviews)[0], (json{{"kind", "TokenReview"},
                                          {"apiVersion", "authentication.k8s.io/v1"},
                                          {"spec", {{"token", "secret"}}}}));
  EXPECT_EQ(Sent(kAccessReviews)[0],
            (json{{"kind", "SubjectAccessReview"},
                  {"apiVersion", "authorization.k8s.io/v1"},
                  {"spec",
                   {{"user", "prometheus"},
                    {"uid", "7"},
                    {"groups", {"sa", "system:authenticated"}},
                    {"extra", {{"k", {"v"}}}},
                    {"nonResourceAttributes", {{"path", "/metrics"}, {"verb", "get"}}}}}}));
}

TEST_F(DelegatedGuardTest, RefusalsHaveTheBodiesOfKubeScheduler) {
  server_.Expect("POST", kAccessReviews, Deny());
  const Verdict anonymous = Ask("/metrics");
  EXPECT_EQ(anonymous.status, 403);
  EXPECT_EQ(anonymous.body,
            R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":)"
            R"("forbidden: User \"system:anonymous\" cannot get path \"/metrics\"",)"
            R"("reason":"Forbidden","details":{},"code":403})"
            "\n");
  EXPECT_EQ(Sent(kAccessReviews)[0]["spec"]["groups"], json({"system:unauthenticated"}));

  server_.Expect("POST", kTokenReviews, Reply(201, R"({"status":{"error":"expired"}})"));
  const Verdict wrong = Ask("/metrics", "wrong");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body,
            R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":)"
            R"("Unauthorized","reason":"Unauthorized","code":401})"
            "\n");

  server_.Expect("POST", kTokenReviews, Reply(201, kPrometheus));
  server_.Expect("POST", kAccessReviews, Deny("quiet hours"));
  EXPECT_THAT(Ask("/pending", "secret", "HEAD").body,
              HasSubstr(R"(User \"prometheus\" cannot head path \"/pending\": quiet hours")"));
}

TEST_F(DelegatedGuardTest, WithoutAReviewNobodyIsLetIn) {
  server_.Expect("POST", kTokenReviews, Reply(500, StatusBody(500, "InternalError", "no etcd")));
  EXPECT_EQ(Ask("/metrics", "secret").status, 401);
  server_.Expect("POST", kTokenReviews, Reply(201, "[]"));
  EXPECT_EQ(Ask("/metrics", "secret").status, 401);
  server_.Expect("POST", kAccessReviews, Reply(403, StatusBody(403, "Forbidden", "no role")));
  const Verdict failed = Ask("/metrics");
  EXPECT_EQ(failed.status, 500);
  EXPECT_THAT(failed.body, HasSubstr(R"(Internal Server Error: "/metrics": )"));
  EXPECT_THAT(failed.body, HasSubstr("no role"));
}

TEST_F(DelegatedGuardTest, MastersNeedNoAccessReview) {
  server_.Expect("POST", kTokenReviews,
                 Reply(201, R"({"status":{"authenticated":true,"user":{"username":"root",)"
                            R"("groups":["system:masters"]}}})"));
  EXPECT_EQ(Ask("/metrics", "secret").status, 200);
}

TEST_F(DelegatedGuardTest, AnswersAreKeptForTheirTime) {
  options_.token_ttl = absl::Seconds(20);
  options_.authorization.allowed_ttl = absl::Seconds(10);
  options_.authorization.denied_ttl = absl::Seconds(5);
  server_.Expect("POST", kTokenReviews, Reply(201, kPrometheus));
  server_.Expect("POST", kAccessReviews, Allow());
  EXPECT_EQ(Ask("/metrics", "secret").status, 200);
  loop_.RunFor(absl::Seconds(9));
  EXPECT_EQ(Ask("/metrics", "secret").status, 200);
  loop_.RunFor(absl::Seconds(2));
  server_.Expect("POST", kAccessReviews, Deny());
  EXPECT_EQ(Ask("/metrics", "secret").status, 403);
  loop_.RunFor(absl::Seconds(4));
  EXPECT_EQ(Ask("/metrics", "secret").status, 403);
  loop_.RunFor(absl::Seconds(6));
  server_.Expect("POST", kTokenReviews, Reply(201, R"({"status":{}})"));
  EXPECT_EQ(Ask("/metrics", "secret").status, 401);
  // That nobody has the token is kept as well; of other paths and tokens nothing is known.
  EXPECT_EQ(Ask("/metrics", "secret").status, 401);
  server_.Expect("POST", kTokenReviews, Reply(201, kPrometheus));
  server_.Expect("POST", kAccessReviews, Allow());
  EXPECT_EQ(Ask("/pending", "other").status, 200);
}

TEST_F(DelegatedGuardTest, TheSameQuestionIsAskedOnceAtATime) {
  server_.Expect("POST", kTokenReviews, Reply(201, kPrometheus));
  server_.Expect("POST", kAccessReviews, Allow());
  int answered = 0;
  net::HttpRequest request{.target = "/metrics", .headers = {{"authorization", "bearer  secret"}}};
  for (int i = 0; i < 3; ++i) {
    Check(request, [&answered](const Verdict& verdict) {
      EXPECT_EQ(verdict.status, 200);
      ++answered;
    });
  }
  EXPECT_TRUE(loop_.RunUntil([&] { return answered == 3; }, absl::Minutes(1)));
}

TEST_F(DelegatedGuardTest, TheFirstLookUpMayBeFatal) {
  std::vector<std::string> failures;
  options_.certificates.on_failed_lookup = [&failures](const absl::Status& why) {
    failures.emplace_back(why.message());
  };
  server_.Expect("GET", kConfigMap, Reply(403, StatusBody(403, "Forbidden", "no role")));
  server_.Expect("GET", kConfigMap, Reply(403, StatusBody(403, "Forbidden", "no role")));
  DelegatedGuard guard(loop_, requester_, requester_, options_);
  guard.Start();
  loop_.RunFor(absl::Seconds(9));
  // Tried again, and told once.
  EXPECT_THAT(failures, testing::ElementsAre(HasSubstr("no role")));
}

// ---- Certificates ----

class CertificateTest : public testing::Test {
 protected:
  struct Files {
    TestCa clients{"clients"};
    TestCa proxies{"proxies"};
    TestCa::Issued alice = clients.Issue("alice/O=readers", "", 5);
    TestCa::Issued proxy = proxies.Issue("front-proxy-client", "", 5);
    TestCa::Issued other_proxy = proxies.Issue("other", "", 5);
  };
  static void SetUpTestSuite() { files_ = new Files; }
  static void TearDownTestSuite() {
    delete files_;
    files_ = nullptr;
  }

  static std::string Pem(const TestCa::Issued& issued) {
    return ReadFile(issued.certificate_file).value();
  }

  // As kubeadm writes it.
  static CertificateAuthentication Authentication() {
    return {.client_ca_pem = ReadFile(files_->clients.certificate_file()).value(),
            .request_header_ca_pem = ReadFile(files_->proxies.certificate_file()).value(),
            .allowed_names = {"front-proxy-client"},
            .username_headers = {"X-Remote-User"},
            .uid_headers = {"X-Remote-Uid"},
            .group_headers = {"X-Remote-Group"},
            .extra_prefixes = {"X-Remote-Extra-"}};
  }

  static Files* files_;
  const net::Headers headers_ = {{"x-remote-user", "bob"},
                                 {"X-Remote-Uid", "7"},
                                 {"X-Remote-Group", "a"},
                                 {"X-REMOTE-GROUP", "b"},
                                 {"X-Remote-Extra-Acme.com%2fScope", "x"}};
  const absl::Time now_ = SystemClock().Now().wall;
};

CertificateTest::Files* CertificateTest::files_ = nullptr;

TEST_F(CertificateTest, NamesTheUserAndItsGroups) {
  // The headers of one who is no proxy say nothing.
  const auto user = UserByCertificate({.headers = headers_, .peer_chain_pem = Pem(files_->alice)},
                                      Authentication(), now_);
  ASSERT_TRUE(user.ok() && user->has_value()) << user.status();
  EXPECT_EQ((*user)->name, "alice");
  EXPECT_THAT((*user)->groups, testing::ElementsAre("readers", "system:authenticated"));
}

TEST_F(CertificateTest, AProxySaysWhoItsClientIs) {
  const auto user = UserByCertificate({.headers = headers_, .peer_chain_pem = Pem(files_->proxy)},
                                      Authentication(), now_);
  ASSERT_TRUE(user.ok() && user->has_value()) << user.status();
  EXPECT_EQ((*user)->name, "bob");
  EXPECT_EQ((*user)->uid, "7");
  EXPECT_THAT((*user)->groups, testing::ElementsAre("a", "b", "system:authenticated"));
  EXPECT_THAT((*user)->extra,
              testing::ElementsAre(testing::Pair("acme.com/scope", testing::ElementsAre("x"))));
}

TEST_F(CertificateTest, OthersAreRefused) {
  const auto refused = [this](const TestCa::Issued& issued, const net::Headers& headers,
                              const CertificateAuthentication& by) {
    return UserByCertificate({.headers = headers, .peer_chain_pem = Pem(issued)}, by, now_)
        .status();
  };
  EXPECT_TRUE(absl::IsUnauthenticated(refused(files_->other_proxy, headers_, Authentication())));
  EXPECT_TRUE(absl::IsUnauthenticated(refused(files_->proxy, {}, Authentication())));
  EXPECT_TRUE(absl::IsUnauthenticated(refused(files_->alice, {}, {})));
  const auto nothing = UserByCertificate({.headers = headers_}, Authentication(), now_);
  EXPECT_TRUE(nothing.ok() && !nothing->has_value());
}

}  // namespace delegated_guard_test
}  // namespace heat_scheduler
