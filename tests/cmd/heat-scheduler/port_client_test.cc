#include "cmd/heat-scheduler/port_client.h"

#include <stdlib.h>  // NOLINT: setenv.

#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>
#include <utility>

#include "CLI/CLI.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "live/page.h"
#include "net/asio_loop.h"
#include "net/http_server.h"
#include "tests/cmd/heat-scheduler/parse_flags.h"

namespace heat_scheduler {
namespace port_client_test {

using ::testing::HasSubstr;

void AddFlags(CLI::App& app, PortClientFlags& flags) {
  AddPortClientFlags(app, flags, "table|wide|json");
}

std::string Parse(std::vector<const char*> arguments, PortClientFlags& flags) {
  return ParseFlags(&AddFlags, std::move(arguments), flags);
}

TEST(PortClientFlags, AreKubectls) {
  PortClientFlags flags;
  EXPECT_EQ(Parse({"-n", "team", "-o", "json", "-s", "https://10.0.0.1:10259", "--token=t",
                   "--certificate-authority=ca"},
                  flags),
            "");
  EXPECT_EQ(flags.namespace_, "team");
  EXPECT_EQ(flags.output, "json");
  EXPECT_EQ(flags.server, "https://10.0.0.1:10259");
  EXPECT_EQ(flags.token, "t");
  EXPECT_EQ(flags.certificate_authority, "ca");
}

TEST(PortClientFlags, DefaultsAndMistakes) {
  PortClientFlags flags;
  EXPECT_EQ(Parse({}, flags), "");
  EXPECT_EQ(flags.output, "table");
  EXPECT_EQ(flags.server, "https://127.0.0.1:10259");
  EXPECT_THAT(Parse({"-o", "yaml"}, flags), HasSubstr("yaml"));
  EXPECT_THAT(Parse({"--certificate-authority=ca", "--insecure-skip-tls-verify"}, flags),
              HasSubstr("excludes"));
}

// A secure port in a thread of its own, which answers with who asks for what.
class PortClientTest : public testing::Test, private net::HttpHandler {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "port-client-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    // No kubeconfig of whoever runs the test.
    setenv("KUBECONFIG", (folder_ + "/none").c_str(), 1);
    auto pair = net::MakeSelfSigned({"127.0.0.1"}, loop_.Now().wall);
    ASSERT_TRUE(pair.ok()) << pair.status();
    std::ofstream(folder_ + "/ca.crt") << pair->certificate_pem;
    net::ServerOptions options;
    options.tls = net::ServerTls{.key_pair = *std::move(pair), .ask_client_certificate = true};
    auto server = net::HttpServer::Start(loop_, *this, std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    flags_.server = "https://127.0.0.1:" + std::to_string(server_->port());
    flags_.certificate_authority = folder_ + "/ca.crt";
    thread_ = std::thread([this] { loop_.Run(); });
  }
  void TearDown() override {
    loop_.Post([this] { loop_.Stop(); });  // Also if it has not begun to run.
    if (thread_.joinable()) thread_.join();
    server_ = nullptr;
    std::filesystem::remove_all(folder_);
  }

  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }
  std::string Kubeconfig() const {
    return Write("kubeconfig",
                 "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                 "clusters: [{name: c, cluster: {server: 'https://192.0.2.1:6443'}}]\n"
                 "users: [{name: u, user: {token: of-the-user}}]\n"
                 "contexts: [{name: c, context: {cluster: c, user: u, namespace: team}}]\n");
  }
  std::string Fetch(const std::string& target) const {
    const absl::StatusOr<std::string> page = FetchPage(flags_, target);
    return page.ok() ? *page : std::string(page.status().message());
  }

  PortClientFlags flags_;
  std::string folder_;

 private:
  void Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) override {
    if (request.target == "/401") return sink->Send(FailureAnswer(401, "Unauthorized", "who?"));
    if (request.target == "/403") return sink->Send(FailureAnswer(403, "Forbidden", "not you"));
    if (request.target == "/404") return sink->Send(TextAnswer(404, "not found\n"));
    if (request.target == "/500") return sink->Send(TextAnswer(500, "broken\n"));
    sink->Send(TextAnswer(200, request.target + " for " +
                                   std::string(net::FindHeader(request.headers, "Authorization"))));
  }

  net::AsioLoop loop_;
  std::unique_ptr<net::HttpServer> server_;
  std::thread thread_;
};

TEST_F(PortClientTest, AsksAsTheUserOfTheFlags) {
  EXPECT_EQ(Fetch("/pending?limit=3"), "/pending?limit=3 for ");
  EXPECT_EQ(*NamespaceOf(flags_), "default");
  flags_.kubeconfig = Kubeconfig();
  EXPECT_EQ(Fetch("/pending"), "/pending for Bearer of-the-user");
  EXPECT_EQ(*NamespaceOf(flags_), "team");
  flags_.token = "given";
  flags_.namespace_ = "other";
  EXPECT_EQ(Fetch("/pending"), "/pending for Bearer given");
  EXPECT_EQ(*NamespaceOf(flags_), "other");
}

TEST_F(PortClientTest, RefusalsSayWhatToDo) {
  EXPECT_THAT(Fetch("/401"), HasSubstr("401: who?; renew the token"));
  EXPECT_THAT(Fetch("/403"), HasSubstr("403: not you; give --kubeconfig or --token"));
  EXPECT_EQ(Fetch("/404"), "not found");
  EXPECT_EQ(Fetch("/500"), "500: broken");
}

TEST_F(PortClientTest, AStrangersCertificateIsRefusedUnlessItIsAsked) {
  flags_.certificate_authority.clear();
  flags_.token = "secret";
  EXPECT_THAT(Fetch("/x"), HasSubstr("give its authority with --certificate-authority"));
  flags_.insecure_skip_tls_verify = true;
  EXPECT_EQ(Fetch("/x"), "/x for Bearer secret");
}

TEST_F(PortClientTest, MistakesAreTold) {
  flags_.kubeconfig = folder_ + "/nothing";
  EXPECT_THAT(Fetch("/x"), HasSubstr("/nothing"));
  flags_ = {};
  flags_.server = "10.0.0.1:10259";
  EXPECT_THAT(Fetch("/x"), HasSubstr("--server"));
}

}  // namespace port_client_test
}  // namespace heat_scheduler
