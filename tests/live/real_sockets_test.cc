// The driver over real sockets: embedded cluster, HTTP client, and the secure port asked by curl.
#include <array>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "base/file_reader.h"
#include "cluster/api_server.h"
#include "cluster/kinds.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/client/api_client.h"
#include "live/delegated_guard.h"
#include "live/driver.h"
#include "live/request_metrics.h"
#include "live/secure_port.h"
#include "net/asio_loop.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "nlohmann/json.hpp"
#include "policy/default_profile.h"
#include "tests/live/exposition_parser.h"
#include "tests/support/test_ca.h"

namespace heat_scheduler {
namespace real_sockets_test {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kWithToken[] = "-H 'Authorization: Bearer secret'";

// Returns what the command prints.
std::string Output(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::array<char, 4096> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  pclose(pipe);
  return output;
}

class RealSockets : public ::testing::Test {
 protected:
  void SetUp() override {
    auto api_port = net::HttpServer::Start(loop_, cluster_, {});
    ASSERT_TRUE(api_port.ok()) << api_port.status();
    api_port_ = *std::move(api_port);
    authority_ = "127.0.0.1:" + std::to_string(api_port_->port());
    auto client = net::HttpClient::Create(
        loop_, {.base_url = "http://" + authority_, .ignore_environment = true});
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    api_ = std::make_unique<kube::ApiClient>(
        *client_, loop_, *decoder_,
        kube::RequesterOptions{.on_request = CountRequests(metrics_, authority_)});
    auto profile = DefaultProfile();
    ASSERT_TRUE(profile.ok()) << profile.status();
    std::vector<Profile> profiles;
    profiles.push_back(*std::move(profile));
    auto machine = Scheduler::Create(std::move(profiles), {});
    ASSERT_TRUE(machine.ok()) << machine.status();
    machine_ = *std::move(machine);
    driver_ = std::make_unique<LiveDriver>(loop_, *api_, *machine_, metrics_, DriverOptions{});

    reviews_ = std::make_unique<kube::Requester>(
        *client_, loop_, *decoder_,
        kube::RequesterOptions{.on_request = CountRequests(metrics_, authority_)});
    Create(*cluster::FindResource("", "v1", "configmaps"),
           {{"metadata", {{"name", "extension-apiserver-authentication"}}},
            {"data", {{"client-ca-file", ReadFile(ca_.certificate_file()).value()}}}},
           "kube-system");
    guard_ = std::make_unique<DelegatedGuard>(loop_, *reviews_, *reviews_, AccessOptions{});
    guard_->Start();
    handler_ = std::make_unique<SecurePort>(
        metrics_, *guard_, [this] { return driver_->ReadyChecks(); },
        [this] { return driver_->LiveChecks(); });

    auto pair = net::MakeSelfSigned({"localhost", "127.0.0.1"}, loop_.Now().wall);
    ASSERT_TRUE(pair.ok()) << pair.status();
    net::ServerOptions options;
    options.tls = net::ServerTls{
        .key_pair = *std::move(pair), .client_ca_pem = "", .ask_client_certificate = true};
    auto secure_port = net::HttpServer::Start(loop_, *handler_, std::move(options));
    ASSERT_TRUE(secure_port.ok()) << secure_port.status();
    secure_port_ = *std::move(secure_port);
  }

  void Create(const cluster::ResourceInfo& resource, const json& document,
              const std::string& namespace_ = "default") {
    const auto made =
        cluster_.registry().Create(resource, namespace_, document, {"test", "create"});
    ASSERT_TRUE(made.ok()) << made.error().message;
  }

  // Has curl ask the secure port while the loop runs; returns body and, behind a blank, status.
  std::string Curl(const std::string& path, const std::string& arguments = "") {
    std::future<std::string> answer = std::async(std::launch::async, [this, path, arguments] {
      std::string output =
          Output("curl -s -k --noproxy '*' --max-time 20 " + arguments +
                 " -w ' %{http_code}' 'https://127.0.0.1:" + std::to_string(secure_port_->port()) +
                 path + "'");
      loop_.Post([] {});
      return output;
    });
    const auto done = [&answer] {
      return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    };
    // Post comes a moment before the future is ready, so the loop is woken until it is.
    while (!loop_.RunUntil(done, absl::Milliseconds(100))) {
    }
    return answer.get();
  }

  TestCa ca_{"cluster"};  // Of client certificates.
  std::string authority_;
  net::AsioLoop loop_;
  cluster::ApiServer cluster_{loop_, {.token = "secret"}};
  Metrics metrics_;
  std::unique_ptr<kube::Decoder> decoder_ = kube::MakeJsonDecoder();
  std::unique_ptr<net::HttpServer> api_port_;
  std::unique_ptr<net::HttpClient> client_;
  std::unique_ptr<kube::ApiClient> api_;
  std::unique_ptr<Scheduler> machine_;
  std::unique_ptr<LiveDriver> driver_;
  std::unique_ptr<kube::Requester> reviews_;
  std::unique_ptr<DelegatedGuard> guard_;
  std::unique_ptr<SecurePort> handler_;
  std::unique_ptr<net::HttpServer> secure_port_;
};

TEST_F(RealSockets, PodsAreBoundAndTheSecurePortTellsOfIt) {
  EXPECT_THAT(Curl("/readyz"), HasSubstr("[-]informer-sync/pods failed: not listed yet"));
  EXPECT_EQ(Curl("/livez"), "ok 200");
  for (const char* celsius : {"45", "31.5", "60"}) {
    Create(cluster::NodeResource(),
           {{"metadata",
             {{"name", std::string("board-") + celsius},
              {"annotations", {{"nerdalize/temp", celsius}}}}},
            {"status", {{"allocatable", {{"cpu", "4"}, {"memory", "1Gi"}, {"pods", "110"}}}}}});
  }
  driver_->Start();
  for (int i = 0; i < 5; ++i) {
    Create(cluster::PodResource(),
           {{"metadata", {{"name", "web-" + std::to_string(i)}}},
            {"spec",
             {{"schedulerName", "heat-scheduler"},
              {"containers", json::array({{{"name", "c"}, {"image", "i"}}})}}}});
  }
  const auto scheduled = [this] {
    return metrics_.schedule_attempts.Get({"scheduled", "heat-scheduler"}) == 5;
  };
  ASSERT_TRUE(loop_.RunUntil(scheduled, absl::Seconds(20)));
  for (const auto& [key, pod] : cluster_.store().All(cluster::PodResource())) {
    EXPECT_EQ(pod->json()["spec"]["nodeName"], "board-31.5") << key;
  }
  EXPECT_EQ(Curl("/readyz"), "ok 200");
  std::string metrics = Curl("/metrics", kWithToken);
  ASSERT_THAT(metrics, testing::EndsWith(" 200"));
  metrics.resize(metrics.size() - 4);
  const auto families = ParseExposition(metrics);
  ASSERT_TRUE(families.ok()) << families.status();
  EXPECT_EQ(families->at("scheduler_pending_pods").samples.size(), 4u);
  EXPECT_THAT(metrics, HasSubstr("rest_client_requests_total{code=\"201\",method=\"POST\",host="));
  EXPECT_THAT(Curl("/nothing", kWithToken), testing::EndsWith(" 404"));

  bool stopped = false;
  driver_->Stop([&stopped] { stopped = true; });
  EXPECT_THAT(Curl("/readyz"), HasSubstr("[-]shutdown failed: it is shutting down"));
  EXPECT_TRUE(loop_.RunUntil([&stopped] { return stopped; }, absl::Seconds(5)));
}

TEST_F(RealSockets, MetricsAreForThoseWhoMayReadThem) {
  EXPECT_THAT(Curl("/metrics"),
              HasSubstr(R"(forbidden: User \"system:anonymous\" cannot get path \"/metrics\")"));
  EXPECT_THAT(Curl("/metrics"), testing::EndsWith(" 403"));
  EXPECT_THAT(Curl("/metrics", "-H 'Authorization: Bearer wrong'"), testing::EndsWith(" 401"));
  EXPECT_THAT(Curl("/metrics", kWithToken), testing::EndsWith(" 200"));
  EXPECT_EQ(Curl("/livez"), "ok 200");
}

// kubeadm's administrators have a certificate, and no token.
TEST_F(RealSockets, AClientCertificateOfTheClusterCounts) {
  const auto read = [this] {
    return metrics_.rest_client_requests.Get({"200", "GET", authority_}) > 0;
  };
  ASSERT_TRUE(loop_.RunUntil(read, absl::Seconds(20)));
  const auto shown = [](TestCa& ca, const std::string& name) {
    const TestCa::Issued issued = ca.Issue(name, "", 5);
    return "--cert " + issued.certificate_file + " --key " + issued.key_file;
  };
  const std::string admin = shown(ca_, "kubernetes-admin/O=system:masters");
  EXPECT_THAT(Curl("/metrics", admin), testing::EndsWith(" 200"));
  TestCa other("other cluster");
  EXPECT_THAT(Curl("/metrics", shown(other, "admin/O=system:masters")), testing::EndsWith(" 401"));
}

}  // namespace real_sockets_test
}  // namespace heat_scheduler
