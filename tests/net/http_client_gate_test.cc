// The client asks a request's gate when the request would go out, and not before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/http_client.h"
#include "tests/net/http_client_fixture.h"

namespace heat_scheduler::net {
namespace http_client_gate_test {

using absl::StatusCode;
using testing::HasSubstr;

class HttpClientGate : public HttpClientTest {};

TEST_F(HttpClientGate, AGateIsAskedWhenItsRequestWouldGoOut) {
  MakeClient({.max_connections = 1});
  bool open = true;
  int asked = 0;
  const RequestOptions gated{.gate = [&] {
    ++asked;
    return open ? absl::OkStatus() : absl::FailedPreconditionError("closed");
  }};
  Answer first;
  Answer second;
  Answer third;
  Answer fourth;
  Send(first, {}, gated);
  Send(second, {}, gated);
  Send(third, {}, gated);
  Send(fourth);
  RawSocket* peer = WaitForRequest();
  ASSERT_NE(peer, nullptr);
  EXPECT_EQ(asked, 2) << "before it connected and after; the others wait";
  open = false;
  peer->ForgetReceived();
  peer->Send(kOk);
  ASSERT_EQ(WaitForRequest(), peer) << "the connection is kept";
  peer->Send(kOk);
  ASSERT_TRUE(WaitForAnswer(fourth));
  EXPECT_TRUE(fourth->ok());
  EXPECT_TRUE(first->ok());
  EXPECT_EQ(asked, 4);
  for (const Answer* refused : {&second, &third}) {
    ASSERT_TRUE(refused->has_value());
    EXPECT_EQ((*refused)->status().code(), StatusCode::kUnavailable);
    EXPECT_THAT(std::string((*refused)->status().message()), HasSubstr("closed"));
  }
}

TEST_F(HttpClientGate, AGateThatClosesWhileConnectingIsHeeded) {
  int asked = 0;
  const RequestOptions gated{.gate = [&asked] {
    return ++asked == 1 ? absl::OkStatus() : absl::UnavailableError("closed");
  }};
  Answer answer;
  Send(answer, {}, gated);
  ASSERT_TRUE(WaitForAnswer(answer));
  EXPECT_EQ(answer->status().code(), StatusCode::kUnavailable);
  ASSERT_TRUE(WaitFor(loop_, [&] {
    server_->Poll();
    return server_->accepted().size() == 1 && server_->accepted()[0]->ended();
  }));
  EXPECT_EQ(server_->accepted()[0]->received(), "");
}

}  // namespace http_client_gate_test
}  // namespace heat_scheduler::net
