// What tests of the client share: it, and a server of bare sockets, which sends what it is told.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "net/asio_loop.h"
#include "net/http_client.h"
#include "tests/net/net_test_util.h"
#include "tests/net/raw_socket.h"

namespace heat_scheduler::net {

using Answer = std::optional<absl::StatusOr<HttpResponse>>;

class HttpClientTest : public testing::Test {
 protected:
  HttpClientTest() : server_(std::make_unique<RawServer>()) { MakeClient({}); }

  void MakeClient(ClientOptions options) {
    options.base_url = absl::StrCat("http://127.0.0.1:", server_->port());
    options.ignore_environment = true;
    auto client = HttpClient::Create(loop_, std::move(options));
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  RequestId Send(Answer& answer, HttpRequest request = {}, RequestOptions options = {}) {
    return client_->Send(std::move(request), options,
                         [&answer](absl::StatusOr<HttpResponse> response) {
                           EXPECT_FALSE(answer.has_value()) << "it is called once";
                           answer = std::move(response);
                         });
  }

  // Waits until the server has `count` connections and the last has received a whole head.
  RawSocket* WaitForRequest(std::size_t count = 1) {
    const bool came = WaitFor(loop_, [&] {
      server_->Poll();
      return server_->accepted().size() >= count &&
             server_->accepted()[count - 1]->received().find("\r\n\r\n") != std::string::npos;
    });
    if (!came) return nullptr;
    return server_->accepted()[count - 1].get();
  }

  bool WaitForAnswer(const Answer& answer) {
    return WaitFor(loop_, [&] {
      server_->Poll();
      return answer.has_value();
    });
  }

  // Sends one request and has the server answer it with these bytes; then, if `close`, close.
  enum class Then { kStayOpen, kClose, kReset };
  absl::StatusOr<HttpResponse> Exchange(std::string_view bytes, Then then = Then::kStayOpen,
                                        HttpRequest request = {}, RequestOptions options = {}) {
    Answer answer;
    const std::size_t before = server_->accepted().size();
    Send(answer, std::move(request), options);
    RawSocket* peer = WaitForRequest(before + 1);
    if (peer == nullptr) return absl::InternalError("no request came");
    peer->Send(bytes);
    if (then != Then::kStayOpen) {
      peer->Close(then == Then::kReset ? RawSocket::How::kReset : RawSocket::How::kOrderly);
    }
    if (!WaitForAnswer(answer)) return absl::InternalError("no answer came");
    return *std::move(answer);
  }

  AsioLoop loop_;
  std::unique_ptr<RawServer> server_;
  std::unique_ptr<HttpClient> client_;
};

inline constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

}  // namespace heat_scheduler::net
