#include "live/secure_port.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/live/exposition_parser.h"

namespace heat_scheduler {
namespace secure_port_test {

using ::testing::HasSubstr;

class CapturingSink final : public net::ResponseSink {
 public:
  explicit CapturingSink(net::HttpResponse& response) : response_(response) {}
  void Send(net::HttpResponse response) override { response_ = std::move(response); }
  void BeginStream(int, net::Headers) override { ADD_FAILURE() << "no stream is expected"; }
  void Write(std::shared_ptr<const std::string>) override {}
  void Close() override {}
  std::size_t queued_bytes() const override { return 0; }
  void OnGone(std::function<void()>) override {}

 private:
  net::HttpResponse& response_;
};

// Lets everyone through, unless it has a refusal.
class TestGuard final : public RequestGuard {
 public:
  std::optional<net::HttpResponse> refusal;
  std::vector<std::string> paths;

  void Check(const net::HttpRequest&, const std::string& path, Done done) override {
    paths.push_back(path);
    done(refusal);
  }
};

class SecurePortTest : public ::testing::Test {
 protected:
  net::HttpResponse Ask(const std::string& target, const std::string& peer = "127.0.0.1",
                        const std::string& method = "GET") {
    net::HttpResponse response;
    port_.Handle({.method = method, .target = target, .peer = peer},
                 std::make_shared<CapturingSink>(response));
    return response;
  }

  std::vector<HealthCheck> checks_ = {{"informer-sync/pods", true, ""}, {"shutdown", true, ""}};
  Metrics metrics_;
  std::vector<HealthCheck> live_checks_;
  TestGuard guard_;
  SecurePort port_{metrics_, guard_, [this] { return checks_; }, [this] { return live_checks_; }};
};

TEST_F(SecurePortTest, ProbesSayOk) {
  for (const char* path : {"/healthz", "/livez", "/readyz", "/readyz?", "/readyz?timeout=3s"}) {
    EXPECT_EQ(Ask(path, "192.0.2.1").status, 200) << path;
    EXPECT_EQ(Ask(path, "192.0.2.1").body, "ok") << path;
  }
}

TEST_F(SecurePortTest, VerboseListsTheChecks) {
  EXPECT_EQ(Ask("/readyz?verbose").body,
            "[+]ping ok\n[+]informer-sync/pods ok\n[+]shutdown ok\nreadyz check passed\n");
  EXPECT_EQ(Ask("/livez?verbose=1").body, "[+]ping ok\nlivez check passed\n");
  EXPECT_EQ(Ask("/healthz?timeout=1s&verbose").body, "[+]ping ok\nhealthz check passed\n");
}

TEST_F(SecurePortTest, LivenessHasChecksOfItsOwn) {
  live_checks_ = {{"leaderElection", false, "failed election to renew leadership"}};
  for (const char* path : {"/healthz", "/livez"}) {
    EXPECT_EQ(Ask(path).status, 500) << path;
    EXPECT_THAT(Ask(path).body,
                HasSubstr("[-]leaderElection failed: failed election to renew leadership"));
  }
  EXPECT_EQ(Ask("/readyz").status, 200);
}

TEST_F(SecurePortTest, NotReadyIs500AndTheReasonIsForLoopback) {
  checks_[0] = {"informer-sync/pods", false, "list pods: 403 Forbidden"};
  const std::string head = "[+]ping ok\n[-]informer-sync/pods failed: ";
  const std::string tail = "\n[+]shutdown ok\nreadyz check failed\n";
  for (const char* peer : {"127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(Ask("/readyz", peer).status, 500);
    EXPECT_EQ(Ask("/readyz", peer).body, head + "list pods: 403 Forbidden" + tail) << peer;
  }
  for (const char* peer : {"192.0.2.1", "fe80::1", "", "12.7.0.1"}) {
    EXPECT_EQ(Ask("/readyz", peer).body, head + "reason withheld" + tail) << peer;
  }
  EXPECT_EQ(Ask("/livez").status, 200);
}

TEST_F(SecurePortTest, MetricsAreText) {
  metrics_.events.Add({"written"});
  const net::HttpResponse response = Ask("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(net::FindHeader(response.headers, "Content-Type"),
            "text/plain; version=0.0.4; charset=utf-8");
  const auto families = ParseExposition(response.body);
  ASSERT_TRUE(families.ok()) << families.status();
  EXPECT_EQ(families->at("heat_scheduler_events_total").samples[0].second, 1);
}

TEST_F(SecurePortTest, TheGuardIsAskedFirst) {
  guard_.refusal = TextAnswer(403, "no\n");
  for (const char* target : {"/metrics", "/version?x=1", "/nothing", "/readyz"}) {
    EXPECT_EQ(Ask(target).body, "no\n") << target;
  }
  EXPECT_THAT(guard_.paths, testing::ElementsAre("/metrics", "/version", "/nothing", "/readyz"));
}

TEST_F(SecurePortTest, PagesAnswerTheirPathOrAllBelowIt) {
  const auto echo = [](const std::string& name) {
    return [name](const net::Target& target) {
      return TextAnswer(200, name + " " + target.segments.back());
    };
  };
  port_.AddPage("/pending", echo("pending"));
  port_.AddPage("/explain/", echo("explain"));
  port_.AddPage("/explain/special", echo("special"));
  EXPECT_EQ(Ask("/pending?limit=3").body, "pending pending");
  EXPECT_EQ(Ask("/pending/x").status, 404);
  EXPECT_EQ(Ask("/explain/default/a%2Fb").body, "explain a/b");
  EXPECT_EQ(Ask("/explain/special").body, "special special");
  EXPECT_EQ(Ask("/explain/zzz").body, "explain zzz");
  EXPECT_EQ(Ask("/explain").status, 404);
  EXPECT_THAT(Ask("/other").body, HasSubstr("/explain/ /explain/special /metrics /pending"));
}

TEST_F(SecurePortTest, AMalformedTargetIsRefused) {
  EXPECT_EQ(Ask("/metrics%zz").status, 400);
  EXPECT_THAT(guard_.paths, testing::IsEmpty());
}

TEST_F(SecurePortTest, VersionIsADocument) {
  const auto document = nlohmann::json::parse(Ask("/version", "192.0.2.1").body);
  EXPECT_EQ(document["gitVersion"], "v0.1.0");
}

TEST_F(SecurePortTest, OthersAreRefused) {
  EXPECT_EQ(Ask("/").status, 404);
  EXPECT_THAT(Ask("/debug/pprof").body, HasSubstr("/readyz"));
  EXPECT_EQ(Ask("/healthz", "127.0.0.1", "POST").status, 405);
  EXPECT_EQ(net::FindHeader(Ask("/healthz", "127.0.0.1", "DELETE").headers, "Allow"), "GET, HEAD");
  EXPECT_EQ(Ask("/healthz", "127.0.0.1", "HEAD").status, 200);
}

}  // namespace secure_port_test
}  // namespace heat_scheduler
