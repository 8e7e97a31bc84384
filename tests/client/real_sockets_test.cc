// The client over TLS on a loopback port: what the simulated network cannot show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "net/asio_loop.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/tls.h"
#include "tests/client/reflector_fixture.h"

namespace heat_scheduler::kube {
namespace real_sockets_test {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kLong = absl::Seconds(30);

class RealSockets : public testing::Test {
 protected:
  // Serves the script, and makes a client of that server which trusts `ca_pem` alone.
  void Connect(const std::string& ca_pem) {
    auto server = net::HttpServer::Start(
        loop_, script_, {.tls = net::ServerTls{.key_pair = pair_, .client_ca_pem = ""}});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    auto transport = net::HttpClient::Create(
        loop_, {.base_url = "https://127.0.0.1:" + std::to_string(server_->port()),
                .tls = {.ca_pem = ca_pem},
                .ignore_environment = true});
    ASSERT_TRUE(transport.ok()) << transport.status();
    transport_ = *std::move(transport);
    client_ = std::make_unique<ApiClient>(*transport_, loop_, *decoder_,
                                          RequesterOptions{.token = TokenSource::Bearer("secret")});
  }

  net::KeyPair MakePair() { return net::MakeSelfSigned({"127.0.0.1"}, loop_.Now().wall).value(); }

  net::AsioLoop loop_;
  const net::KeyPair pair_ = MakePair();
  const std::unique_ptr<Decoder> decoder_ = MakeJsonDecoder();
  ScriptedStream stream_;
  ScriptedHandler script_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<net::HttpClient> transport_;
  std::unique_ptr<ApiClient> client_;
};

TEST_F(RealSockets, ListsWatchesReconnectsAndBindsOverTls) {
  ASSERT_NO_FATAL_FAILURE(Connect(pair_.certificate_pem));
  RecordingHandler handler;
  Reflector reflector(*client_, loop_, {.selection = {.kind = Kind::kPod}}, handler);

  const std::string watch = "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=";
  script_.Expect("GET", "/api/v1/pods?limit=500",
                 Reply(200, ListJson("5", {PodJson("a", "u1", "3")})));
  script_.Expect("GET", watch + "5&timeoutSeconds=*", stream_.Open());
  reflector.Start();
  ASSERT_TRUE(loop_.RunUntil([&] { return reflector.watching(); }, kLong))
      << reflector.last_error();
  EXPECT_EQ(net::FindHeader(script_.requests()[0].headers, "Authorization"), "Bearer secret");

  stream_.WriteLine(EventJson("ADDED", PodJson("b", "u2", "6")));
  ASSERT_TRUE(loop_.RunUntil([&] { return reflector.size() == 2; }, kLong));
  stream_.Close();
  script_.Expect("GET", watch + "6&timeoutSeconds=*", stream_.Open());
  ASSERT_TRUE(loop_.RunUntil([&] { return reflector.stats().watches == 2; }, kLong));
  EXPECT_THAT(handler.Take(), ElementsAre("upsert a u1 3", "synced", "upsert b u2 6"));

  script_.Expect("POST", "/api/v1/namespaces/default/pods/a/binding", Reply(201, "{}"));
  Binding binding;
  binding.metadata.namespace_ = "default";
  binding.metadata.name = "a";
  binding.target_node = "n1";
  std::optional<bool> bound;
  client_->BindPod(binding, [&](const ApiResult<Accepted>& result) { bound = result.ok(); });
  ASSERT_TRUE(loop_.RunUntil([&] { return bound.has_value(); }, kLong));
  EXPECT_TRUE(*bound);
  reflector.Stop();
}

TEST_F(RealSockets, ServerOfAnotherAuthorityIsNotSentAnything) {
  ASSERT_NO_FATAL_FAILURE(Connect(MakePair().certificate_pem));
  std::optional<ApiResult<Object>> result;
  client_->Get(Kind::kNode, "", "n1", [&](ApiResult<Object> got) { result = std::move(got); });
  ASSERT_TRUE(loop_.RunUntil([&] { return result.has_value(); }, kLong));
  EXPECT_EQ(result->failure().kind, ApiFailure::Kind::kNotSent);
  EXPECT_THAT(script_.requests(), IsEmpty());
}

}  // namespace real_sockets_test
}  // namespace heat_scheduler::kube
