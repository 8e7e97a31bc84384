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
namespace {

using testing::ElementsAre;

constexpr absl::Duration kLong = absl::Seconds(30);

TEST(RealSockets, ListsWatchesReconnectsAndBindsOverTls) {
  net::AsioLoop loop;
  const net::KeyPair pair = net::MakeSelfSigned({"127.0.0.1"}, loop.Now().wall).value();
  ScriptedStream stream;
  ScriptedHandler script;
  auto server = net::HttpServer::Start(
      loop, script,
      {.host = "127.0.0.1", .port = 0, .tls = net::ServerTls{pair, ""}, .limits = {}});
  ASSERT_TRUE(server.ok()) << server.status();
  auto transport = net::HttpClient::Create(
      loop, {.base_url = "https://127.0.0.1:" + std::to_string((*server)->port()),
             .tls = {.ca_pem = pair.certificate_pem,
                     .ca_file = "",
                     .key_pair = {},
                     .server_name = "",
                     .insecure_skip_verify = false}});
  ASSERT_TRUE(transport.ok()) << transport.status();
  const auto decoder = MakeJsonDecoder();
  ApiClient client(**transport, loop, *decoder, {.token = TokenSource::Bearer("secret")});
  RecordingHandler handler;
  Reflector reflector(client, loop, {.selection = {.kind = Kind::kPod}}, handler);

  const std::string watch = "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=";
  script.Expect("GET", "/api/v1/pods?limit=500",
                Reply(200, ListJson("5", {PodJson("a", "u1", "3")})));
  script.Expect("GET", watch + "5&timeoutSeconds=*", stream.Open());
  reflector.Start();
  ASSERT_TRUE(loop.RunUntil([&] { return reflector.watching(); }, kLong)) << reflector.last_error();
  EXPECT_EQ(net::FindHeader(script.requests()[0].headers, "Authorization"), "Bearer secret");

  stream.WriteLine(EventJson("ADDED", PodJson("b", "u2", "6")));
  ASSERT_TRUE(loop.RunUntil([&] { return reflector.size() == 2; }, kLong));
  stream.Close();
  script.Expect("GET", watch + "6&timeoutSeconds=*", stream.Open());
  ASSERT_TRUE(loop.RunUntil([&] { return reflector.stats().watches == 2; }, kLong));
  EXPECT_THAT(handler.Take(), ElementsAre("upsert a u1 3", "synced", "upsert b u2 6"));

  script.Expect("POST", "/api/v1/namespaces/default/pods/a/binding", Reply(201, "{}"));
  Binding binding;
  binding.metadata.namespace_ = "default";
  binding.metadata.name = "a";
  binding.target_node = "n1";
  std::optional<bool> bound;
  client.BindPod(binding, [&](const ApiResult<Accepted>& result) { bound = result.ok(); });
  ASSERT_TRUE(loop.RunUntil([&] { return bound.has_value(); }, kLong));
  EXPECT_TRUE(*bound);
  reflector.Stop();
}

TEST(RealSockets, ServerOfAnotherAuthorityIsNotSentAnything) {
  net::AsioLoop loop;
  const net::KeyPair pair = net::MakeSelfSigned({"127.0.0.1"}, loop.Now().wall).value();
  const net::KeyPair other = net::MakeSelfSigned({"127.0.0.1"}, loop.Now().wall).value();
  ScriptedHandler script;
  auto server = net::HttpServer::Start(
      loop, script,
      {.host = "127.0.0.1", .port = 0, .tls = net::ServerTls{pair, ""}, .limits = {}});
  ASSERT_TRUE(server.ok()) << server.status();
  auto transport = net::HttpClient::Create(
      loop, {.base_url = "https://127.0.0.1:" + std::to_string((*server)->port()),
             .tls = {.ca_pem = other.certificate_pem,
                     .ca_file = "",
                     .key_pair = {},
                     .server_name = "",
                     .insecure_skip_verify = false}});
  ASSERT_TRUE(transport.ok()) << transport.status();
  const auto decoder = MakeJsonDecoder();
  ApiClient client(**transport, loop, *decoder);
  std::optional<ApiResult<Object>> result;
  client.Get(Kind::kNode, "", "n1", [&](ApiResult<Object> got) { result = std::move(got); });
  ASSERT_TRUE(loop.RunUntil([&] { return result.has_value(); }, kLong));
  EXPECT_EQ(result->failure().kind, ApiFailure::Kind::kNotSent);
}

}  // namespace
}  // namespace heat_scheduler::kube
