// The server against clients of other makes, over plain TCP: cpp-httplib and curl.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "net/asio_loop.h"
#include "net/http_server.h"
#include "tests/net/net_test_util.h"
#include "tests/net/raw_socket.h"

namespace heat_scheduler::net {
namespace interop_test {

using testing::HasSubstr;

class Interop : public testing::Test {
 protected:
  Interop()
      : handler_([this](const HttpRequest& request, std::shared_ptr<ResponseSink> sink) {
          most_connections_ = std::max(most_connections_, server_->connections());
          if (request.target == "/stream") {
            sink->BeginStream(200, {});
            for (int i = 0; i < 100; ++i) sink->Write(Shared(absl::StrCat("line ", i, "\n")));
            return sink->Close();
          }
          sink->Send({.status = request.target == "/none" ? 204 : 200,
                      .headers = {{"Content-Type", "text/plain"}},
                      .body = absl::StrCat(request.method, " ", request.body.size(), " ",
                                           request.body.substr(0, 10))});
        }) {
    auto server = HttpServer::Start(loop_, handler_, {});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // What curl prints: the body, and the status at the end.
  std::string Curl(const std::string& arguments) {
    std::string output;
    RunBeside(loop_, [&] {
      const std::string command =
          absl::StrCat("curl --silent --show-error --noproxy '*' --max-time 15 -w ' %{http_code}' ",
                       arguments, " 2>&1");
      FILE* pipe = popen(command.c_str(), "r");
      ASSERT_NE(pipe, nullptr);
      std::array<char, 4096> buffer;
      while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) {
        output.append(buffer.data(), got);
      }
      pclose(pipe);
    });
    return output;
  }

  std::string Url(std::string_view path) const {
    return absl::StrCat("http://127.0.0.1:", server_->port(), std::string(path));
  }

  AsioLoop loop_;
  FunctionHandler handler_;
  std::unique_ptr<HttpServer> server_;
  std::size_t most_connections_ = 0;
};

TEST_F(Interop, CppHttplibKeepsItsConnection) {
  RunBeside(loop_, [this] {
    httplib::Client client("127.0.0.1", server_->port());
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    for (int i = 0; i < 200; ++i) {
      const auto answer = client.Post("/", std::string(200, 'x'), "text/plain");
      ASSERT_TRUE(answer) << httplib::to_string(answer.error());
      EXPECT_EQ(answer->body, "POST 200 xxxxxxxxxx");
    }
  });
  EXPECT_EQ(most_connections_, 1U);
}

TEST_F(Interop, CppHttplibReadsStreamsAndEmptyAnswers) {
  RunBeside(loop_, [this] {
    httplib::Client client("127.0.0.1", server_->port());
    const auto stream = client.Get("/stream");
    ASSERT_TRUE(stream) << httplib::to_string(stream.error());
    EXPECT_THAT(stream->body, testing::StartsWith("line 0\n"));
    EXPECT_THAT(stream->body, testing::EndsWith("line 99\n"));
    const auto none = client.Get("/none");
    ASSERT_TRUE(none) << httplib::to_string(none.error());
    EXPECT_EQ(none->status, 204);
    const auto head = client.Head("/");
    ASSERT_TRUE(head) << httplib::to_string(head.error());
    EXPECT_EQ(head->get_header_value("Content-Length"), "7");
  });
}

TEST_F(Interop, CppHttplibSendsChunks) {
  RunBeside(loop_, [this] {
    httplib::Client client("127.0.0.1", server_->port());
    const auto answer = client.Post(
        "/",
        [](std::size_t offset, httplib::DataSink& sink) {
          if (offset >= 50'000) {
            sink.done();
          } else {
            sink.write("0123456789", 10);
          }
          return true;
        },
        "text/plain");
    ASSERT_TRUE(answer) << httplib::to_string(answer.error());
    EXPECT_EQ(answer->body, "POST 50000 0123456789");
  });
}

TEST_F(Interop, CurlSendsAndReads) {
  EXPECT_EQ(Curl("-d hello " + Url("/")), "POST 5 hello 200");
  EXPECT_EQ(Curl("-X DELETE " + Url("/")), "DELETE 0  200");
  EXPECT_EQ(Curl("--http1.0 " + Url("/")), "GET 0  200");
  EXPECT_EQ(Curl("-X GET " + Url("/none")), " 204");
  EXPECT_THAT(Curl(Url("/stream")), HasSubstr("line 99\n 200"));
  // Two requests on one connection; the first one's body goes to /dev/null.
  EXPECT_EQ(Curl(Url("/") + " -o /dev/null " + Url("/")), " 200GET 0  200");
}

TEST_F(Interop, CurlWaitsForContinue) {
  EXPECT_EQ(
      Curl("-H 'Expect: 100-continue' --expect100-timeout 10 --data-binary @/proc/self/maps " +
           Url("/") + " -o /dev/null"),
      " 200");
  EXPECT_EQ(Curl("-H 'Content-Length: 9999999' -H 'Expect: 100-continue' --expect100-timeout 10 "
                 "-d x -o /dev/null " +
                 Url("/")),
            " 413");
}

TEST_F(Interop, CurlAsksForHttp2AndGetsHttp1) {
  EXPECT_EQ(Curl("--http2 " + Url("/")), "GET 0  200");
}

}  // namespace interop_test
}  // namespace heat_scheduler::net
