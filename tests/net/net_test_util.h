// What the tests of net/ share: a handler made of a function, and calls that run the loop until an
// answer has come.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/asio_loop.h"
#include "net/http_handler.h"
#include "net/http_transport.h"
#include "tests/net/raw_socket.h"

namespace heat_scheduler::net {

// Longer than anything takes on a slow machine; what waits for it fails its test.
inline constexpr absl::Duration kTestLimit = absl::Seconds(20);

class FunctionHandler final : public HttpHandler {
 public:
  using Function = std::function<void(const HttpRequest&, std::shared_ptr<ResponseSink>)>;

  explicit FunctionHandler(Function function) : function_(std::move(function)) {}

  void Handle(const HttpRequest& request, std::shared_ptr<ResponseSink> sink) override {
    function_(request, std::move(sink));
  }

 private:
  const Function function_;
};

// Sends and runs the loop until the answer is there.
inline absl::StatusOr<HttpResponse> SendAndWait(AsioLoop& loop, HttpTransport& transport,
                                                HttpRequest request, RequestOptions options = {}) {
  std::optional<absl::StatusOr<HttpResponse>> answer;
  transport.Send(std::move(request), options, [&answer](absl::StatusOr<HttpResponse> response) {
    answer = std::move(response);
  });
  if (!loop.RunUntil([&answer] { return answer.has_value(); }, kTestLimit)) {
    return absl::InternalError("the test's time is up");
  }
  return *std::move(answer);
}

// Runs `work`, which may block, in a thread of its own while the loop goes on; ends when it has.
inline void RunBeside(AsioLoop& loop, const std::function<void()>& work) {
  std::atomic<bool> done = false;
  std::thread thread([&] {
    work();
    done = true;
  });
  EXPECT_TRUE(WaitFor(loop, [&] { return done.load(); }));
  thread.join();
}

// A streamed response, as far as it has come.
struct StreamRecord {
  int status = 0;
  Headers headers;
  std::string data;
  std::optional<absl::Status> end;

  StreamHandlers Handlers() {
    return {.on_head =
                [this](int head_status, const Headers& head_headers) {
                  status = head_status;
                  headers = head_headers;
                },
            .on_data = [this](std::string_view piece) { data += piece; },
            .on_end = [this](absl::Status end_status) { end = std::move(end_status); }};
  }
};

inline std::shared_ptr<const std::string> Shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

}  // namespace heat_scheduler::net
