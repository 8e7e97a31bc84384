#include "net/proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "net/asio_loop.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "tests/net/net_test_util.h"
#include "tests/net/raw_socket.h"

namespace heat_scheduler::net {
namespace proxy_test {

using absl::StatusCode;
using testing::HasSubstr;

struct BypassRow {
  std::string name;
  std::string server;
  std::string no_proxy;
  bool bypasses;
};

class BypassesProxyTest : public testing::TestWithParam<BypassRow> {};

TEST_P(BypassesProxyTest, Row) {
  const auto url = ParseUrl(GetParam().server);
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(BypassesProxy(*url, GetParam().no_proxy), GetParam().bypasses);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BypassesProxyTest,
    testing::Values(BypassRow{"Empty", "https://api.example.com", "", false},
                    BypassRow{"Localhost", "https://localhost:6443", "", true},
                    BypassRow{"Loopback4", "https://127.9.9.9", "", true},
                    BypassRow{"Loopback6", "https://[::1]", "", true},
                    BypassRow{"Star", "https://api.example.com", "*", true},
                    BypassRow{"Name", "https://api.example.com", "x, API.example.com ,y", true},
                    BypassRow{"Parent", "https://api.example.com", "example.com", true},
                    BypassRow{"DottedParent", "https://api.example.com", ".example.com", true},
                    BypassRow{"DottedSelf", "https://example.com", ".example.com", false},
                    BypassRow{"StarredParent", "https://api.example.com", "*.example.com", true},
                    BypassRow{"NoParent", "https://badexample.com", "example.com", false},
                    BypassRow{"Port", "https://h:6443", "h:6443", true},
                    BypassRow{"OtherPort", "https://h:6443", "h:443", false},
                    BypassRow{"Address", "https://10.0.0.1", "10.0.0.1", true},
                    BypassRow{"AddressAndPort", "https://10.0.0.1:6443", "10.0.0.1:6443", true},
                    BypassRow{"OtherAddress", "https://10.0.0.1", "10.0.0.10", false},
                    BypassRow{"Range", "https://10.96.0.1", "10.96.0.0/12", true},
                    BypassRow{"OutsideRange", "https://10.112.0.1", "10.96.0.0/12", false},
                    BypassRow{"WholeRange", "https://10.112.0.1", "0.0.0.0/0", true},
                    BypassRow{"BadRange", "https://10.0.0.1", "10.0.0.0/99", false},
                    BypassRow{"NameInRange", "https://h", "0.0.0.0/0", false},
                    BypassRow{"Address6", "https://[fd00::1]", "fd00::1", true},
                    BypassRow{"Address6AndPort", "https://[fd00::1]:6443", "[fd00::1]:6443", true},
                    BypassRow{"Range6", "https://[fd00::1]", "fd00::/8", true}),
    [](const auto& row) { return row.param.name; });

class ProxyEnvironment : public testing::Test {
 protected:
  ~ProxyEnvironment() override {
    for (const auto& [name, value] : saved_) {
      if (value) {
        setenv(name.c_str(), value->c_str(), 1);
      } else {
        unsetenv(name.c_str());
      }
    }
  }

  void Set(const std::string& name, const char* value) {
    const char* before = std::getenv(name.c_str());
    saved_.emplace_back(name, before ? std::optional<std::string>(before) : std::nullopt);
    setenv(name.c_str(), value, 1);
  }

 private:
  std::vector<std::pair<std::string, std::optional<std::string>>> saved_;
};

TEST_F(ProxyEnvironment, IsForHttpsAndYieldsToNoProxy) {
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"}) Set(name, "");
  const Url server = *ParseUrl("https://api.example.com");
  EXPECT_EQ(ProxyFromEnvironment(server), "");
  Set("https_proxy", "http://lower:1");
  EXPECT_EQ(ProxyFromEnvironment(server), "http://lower:1");
  Set("HTTPS_PROXY", "http://upper:1");
  EXPECT_EQ(ProxyFromEnvironment(server), "http://upper:1");
  EXPECT_EQ(ProxyFromEnvironment(*ParseUrl("http://api.example.com")), "");
  EXPECT_EQ(ProxyFromEnvironment(*ParseUrl("https://127.0.0.1")), "");
  Set("NO_PROXY", "example.com");
  EXPECT_EQ(ProxyFromEnvironment(server), "");
}

// A proxy of bare sockets: it reads CONNECT, answers as it is told to, and then passes bytes both
// ways between the client and a port of loopback, whatever the name was that it was asked for.
class TestProxy {
 public:
  TestProxy(std::uint16_t target, std::string answer)
      : target_(target), answer_(std::move(answer)) {}

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_.port()); }
  const std::string& request() const { return request_; }

  void Poll() {
    server_.Poll();
    for (std::size_t i = 0; i < server_.accepted().size(); ++i) {
      RawSocket& client = *server_.accepted()[i];
      if (i < tunnels_.size()) {
        Pass(client, *tunnels_[i]);
      } else if (client.received().find("\r\n\r\n") != std::string::npos) {
        request_ = client.received();
        client.ForgetReceived();
        client.Send(answer_);
        tunnels_.push_back(std::make_unique<RawSocket>(target_));
      }
    }
  }

 private:
  static void Pass(RawSocket& a, RawSocket& b) {
    a.Poll();
    b.Poll();
    b.Send(a.received());
    a.ForgetReceived();
    a.Send(b.received());
    b.ForgetReceived();
  }

  const std::uint16_t target_;
  const std::string answer_;
  RawServer server_;
  std::vector<std::unique_ptr<RawSocket>> tunnels_;
  std::string request_;
};

class ProxyTest : public testing::Test {
 protected:
  // Asks for https://api.example.com through a proxy that answers CONNECT with `answer`.
  absl::StatusOr<HttpResponse> GetThrough(const std::string& answer) {
    FunctionHandler handler([](const HttpRequest& request, std::shared_ptr<ResponseSink> sink) {
      sink->Send({.body = "through " + std::string(FindHeader(request.headers, "Host"))});
    });
    const auto pair = MakeSelfSigned({"api.example.com"}, absl::Now());
    const auto server = HttpServer::Start(loop_, handler, {.tls = ServerTls{.key_pair = *pair}});
    if (!server.ok()) return server.status();
    TestProxy proxy((*server)->port(), answer);
    const auto client = HttpClient::Create(loop_, {.base_url = "https://api.example.com:6443",
                                                   .tls = {.ca_pem = pair->certificate_pem},
                                                   .proxy_url = proxy.url(),
                                                   .connect_timeout = absl::Milliseconds(500)});
    if (!client.ok()) return client.status();
    std::optional<absl::StatusOr<HttpResponse>> result;
    (*client)->Send(
        {}, {}, [&result](absl::StatusOr<HttpResponse> response) { result = std::move(response); });
    WaitFor(loop_, [&] {
      proxy.Poll();
      return result.has_value();
    });
    connect_ = proxy.request();
    if (!result) return absl::InternalError("no answer came");
    return *std::move(result);
  }

  AsioLoop loop_;
  std::string connect_;
};

TEST_F(ProxyTest, TunnelsTls) {
  const auto answer = GetThrough("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "through api.example.com:6443");
  EXPECT_EQ(connect_,
            "CONNECT api.example.com:6443 HTTP/1.1\r\nHost: api.example.com:6443\r\n\r\n");
}

TEST_F(ProxyTest, SaysWhatTheProxySaid) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "status 407"},
      {"HTTP/1.1 200 OK\r\n\r\nhello", "more than its answer"},
      {"SOCKS\r\n\r\n", "asking proxy 127.0.0.1"},
      {"", "no answer within 500ms"},
  };
  for (const auto& [bytes, why] : rows) {
    const auto answer = GetThrough(bytes);
    EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable) << why;
    EXPECT_THAT(std::string(answer.status().message()), HasSubstr(why));
  }
}

TEST_F(ProxyTest, IsNotUsedForLoopback) {
  FunctionHandler handler([](const HttpRequest&, std::shared_ptr<ResponseSink> sink) {
    sink->Send({.body = "direct"});
  });
  const auto server = HttpServer::Start(loop_, handler, {});
  ASSERT_TRUE(server.ok());
  const auto client = HttpClient::Create(
      loop_, {.base_url = absl::StrCat("http://name.localhost:", (*server)->port()),
              .proxy_url = "http://no-such-proxy.invalid:3128"});
  ASSERT_TRUE(client.ok());
  const auto answer = SendAndWait(loop_, **client, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "direct");
}

}  // namespace proxy_test
}  // namespace heat_scheduler::net
