// Our client against our server, plain and with TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "net/asio_loop.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/tls.h"
#include "tests/net/net_test_util.h"

namespace heat_scheduler::net {
namespace http_client_server_test {

enum class Wire { kPlain, kTls };

class ClientServer : public testing::TestWithParam<Wire> {
 protected:
  void Serve(FunctionHandler::Function function) {
    handler_ = std::make_unique<FunctionHandler>(std::move(function));
    ServerOptions server_options;
    server_options.limits.max_connections_per_peer = 0;
    ClientOptions client_options{.ignore_environment = true};
    if (GetParam() == Wire::kTls) {
      const auto pair = MakeSelfSigned({"localhost", "127.0.0.1"}, absl::Now());
      ASSERT_TRUE(pair.ok()) << pair.status();
      server_options.tls = ServerTls{.key_pair = *pair};
      client_options.tls.ca_pem = pair->certificate_pem;
    }
    auto server = HttpServer::Start(loop_, *handler_, server_options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_options.base_url =
        absl::StrCat(GetParam() == Wire::kTls ? "https" : "http", "://127.0.0.1:", server_->port());
    auto client = HttpClient::Create(loop_, client_options);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  AsioLoop loop_;
  std::unique_ptr<FunctionHandler> handler_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> client_;
};

INSTANTIATE_TEST_SUITE_P(Wires, ClientServer, testing::Values(Wire::kPlain, Wire::kTls),
                         [](const auto& row) { return row.param == Wire::kTls ? "Tls" : "Plain"; });

TEST_P(ClientServer, SendsAndAnswers) {
  Serve([](const HttpRequest& request, std::shared_ptr<ResponseSink> sink) {
    sink->Send({.status = 201,
                .headers = {{"X-Answer", "yes"}},
                .body = absl::StrCat(request.method, " ", request.target, " ", request.body)});
  });
  const auto answer =
      SendAndWait(loop_, *client_, {.method = "POST", .target = "/a?b=c", .body = "hello"});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "POST /a?b=c hello");
  EXPECT_EQ(FindHeader(answer->headers, "x-answer"), "yes");
}

TEST_P(ClientServer, CarriesLargeBodiesBothWays) {
  Serve([](const HttpRequest& request, std::shared_ptr<ResponseSink> sink) {
    sink->Send({.body = request.body});
  });
  std::string body;
  for (int i = 0; body.size() < 3'000'000; ++i) absl::StrAppend(&body, i, ",");
  const auto answer = SendAndWait(loop_, *client_, {.method = "PUT", .target = "/", .body = body});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->body == body);
}

TEST_P(ClientServer, StreamsPiecesAsTheyAreWritten) {
  std::shared_ptr<ResponseSink> stream;
  Serve([&stream](const HttpRequest&, std::shared_ptr<ResponseSink> sink) {
    sink->BeginStream(200, {{"Content-Type", "application/json"}});
    stream = std::move(sink);
  });
  StreamRecord record;
  client_->Stream({.target = "/watch"}, {}, record.Handlers());
  ASSERT_TRUE(loop_.RunUntil([&] { return record.status == 200; }, kTestLimit));
  EXPECT_EQ(FindHeader(record.headers, "Content-Type"), "application/json");
  for (const std::string expected : {"one\n", "one\ntwo\n"}) {
    stream->Write(Shared(expected.substr(expected.size() - 4)));
    ASSERT_TRUE(loop_.RunUntil([&] { return record.data == expected; }, kTestLimit));
  }
  EXPECT_EQ(record.end, std::nullopt);
  stream->Close();
  ASSERT_TRUE(loop_.RunUntil([&] { return record.end.has_value(); }, kTestLimit));
  EXPECT_TRUE(record.end->ok()) << *record.end;
}

TEST_P(ClientServer, KeepsOneConnectionForAThousandRequests) {
  Serve([](const HttpRequest& request, std::shared_ptr<ResponseSink> sink) {
    sink->Send({.body = request.target});
  });
  for (int i = 0; i < 1000; ++i) {
    const auto answer = SendAndWait(loop_, *client_, {.target = absl::StrCat("/", i)});
    ASSERT_TRUE(answer.ok()) << answer.status();
    ASSERT_EQ(answer->body, absl::StrCat("/", i));
  }
  EXPECT_EQ(client_->connections(), 1U);
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_P(ClientServer, RunsTwoHundredRequestsAtOnceOnItsPool) {
  std::vector<std::shared_ptr<ResponseSink>> waiting;
  Serve([&waiting](const HttpRequest&, std::shared_ptr<ResponseSink> sink) {
    waiting.push_back(std::move(sink));
  });
  int done = 0;
  for (int i = 0; i < 200; ++i) {
    client_->Send({.target = "/"}, {}, [&done](absl::StatusOr<HttpResponse> answer) {
      EXPECT_TRUE(answer.ok()) << answer.status();
      ++done;
    });
  }
  // All of the pool is in use before the first answer.
  ASSERT_TRUE(loop_.RunUntil([&] { return waiting.size() == 64; }, kTestLimit));
  EXPECT_EQ(client_->connections(), 64U);
  ASSERT_TRUE(loop_.RunUntil(
      [&] {
        while (!waiting.empty()) {
          waiting.back()->Send({});
          waiting.pop_back();
        }
        return done == 200;
      },
      kTestLimit));
}

}  // namespace http_client_server_test
}  // namespace heat_scheduler::net
