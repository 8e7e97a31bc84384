// The client against a server of bare sockets, which sends what a real one should not.
#include "net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "net/asio_loop.h"
#include "tests/net/http_client_fixture.h"
#include "tests/net/net_test_util.h"
#include "tests/net/raw_socket.h"

namespace heat_scheduler::net {
namespace http_client_test {

using absl::StatusCode;
using testing::HasSubstr;

TEST_F(HttpClientTest, WritesTheRequestAsItIs) {
  Answer answer;
  Send(answer, {.method = "POST",
                .target = "/api/v1/pods?limit=5",
                .headers = {{"Accept", "application/json"}, {"Connection", "close"}},
                .body = "{}"});
  RawSocket* peer = WaitForRequest();
  ASSERT_NE(peer, nullptr);
  EXPECT_EQ(peer->received(),
            absl::StrCat("POST /api/v1/pods?limit=5 HTTP/1.1\r\nHost: 127.0.0.1:", server_->port(),
                         "\r\nAccept: application/json\r\nContent-Length: "
                         "2\r\n\r\n{}"));
}

struct GoodRow {
  std::string name;
  std::string bytes;
  int status;
  std::string body;
  bool close;
};

class HttpClientReads : public HttpClientTest, public testing::WithParamInterface<GoodRow> {};

TEST_P(HttpClientReads, Response) {
  const auto answer = Exchange(GetParam().bytes, GetParam().close ? Then::kClose : Then::kStayOpen);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, GetParam().status);
  EXPECT_EQ(answer->body, GetParam().body);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, HttpClientReads,
    testing::Values(
        GoodRow{"Length", std::string(kOk), 200, "ok", false},
        GoodRow{"Chunks",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200,
                "ok", false},
        GoodRow{"UntilTheEnd", "HTTP/1.1 200 OK\r\n\r\nok", 200, "ok", true},
        GoodRow{"Http10", "HTTP/1.0 200 OK\r\n\r\nok", 200, "ok", true},
        GoodRow{"NoContent", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", false},
        GoodRow{"NotModified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, "",
                false},
        GoodRow{"ErrorStatus", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 500, "", false},
        GoodRow{"RedirectNotFollowed",
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
                302, "", false},
        GoodRow{"AfterInterimOnes",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" +
                    std::string(kOk),
                200, "ok", false}),
    [](const auto& row) { return row.param.name; });

struct BadRow {
  std::string name;
  std::string bytes;
  StatusCode code;
  std::string why;
};

class HttpClientRefuses : public HttpClientTest, public testing::WithParamInterface<BadRow> {};

TEST_P(HttpClientRefuses, Response) {
  const auto answer = Exchange(GetParam().bytes, Then::kClose);
  EXPECT_EQ(answer.status().code(), GetParam().code) << answer.status();
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr(GetParam().why));
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("GET http://127.0.0.1:"));
  EXPECT_EQ(client_->connections(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, HttpClientRefuses,
    testing::Values(
        BadRow{"Nothing", "", StatusCode::kAborted, "cut before the response"},
        BadRow{"HalfAHead", "HTTP/1.1 200 OK\r\nContent-Le", StatusCode::kAborted, "cut before"},
        BadRow{"BodyTooShort", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
               StatusCode::kAborted, "cut before the response was complete"},
        BadRow{"ChunkTooShort", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
               StatusCode::kAborted, "cut before the response was complete"},
        BadRow{"NoLastChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
               StatusCode::kAborted, "cut before the response was complete"},
        BadRow{"Garbage", "SSH-2.0-OpenSSH\r\n\r\n", StatusCode::kAborted, "not HTTP/1.1"},
        BadRow{"Http2", std::string("\0\0\x12\x04\0\0\0\0\0", 9), StatusCode::kAborted,
               "not HTTP/1.1"},
        BadRow{"LengthAndChunked",
               "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
               StatusCode::kAborted, "not HTTP/1.1"},
        BadRow{"HugeHead", "HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x'),
               StatusCode::kResourceExhausted, "head is too long"},
        BadRow{"HugeBody", "HTTP/1.1 200 OK\r\nContent-Length: 3145729\r\n\r\n",
               StatusCode::kResourceExhausted, "longer than 3145728 bytes"},
        BadRow{"HugeChunk",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
               StatusCode::kResourceExhausted, "longer than 3145728 bytes"},
        BadRow{"Upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n", StatusCode::kAborted,
               "switched protocols"}),
    [](const auto& row) { return row.param.name; });

TEST_F(HttpClientTest, ReadsAResponseToHeadWithoutBody) {
  const auto answer = Exchange("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", Then::kStayOpen,
                               {.method = "HEAD"});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(client_->connections(), 1U);
}

TEST_F(HttpClientTest, BoundsTheBodyToTheByte) {
  const RequestOptions two{.max_body_bytes = 2};
  EXPECT_TRUE(Exchange(kOk, Then::kStayOpen, {}, two).ok());
  client_ = nullptr;
  MakeClient({});
  const auto three = Exchange("HTTP/1.1 200 OK\r\n\r\nbad", Then::kClose, {}, two);
  EXPECT_EQ(three.status().code(), StatusCode::kResourceExhausted);
}

TEST_F(HttpClientTest, SendsNothingThatWouldBeAnotherRequest) {
  const std::vector<HttpRequest> bad = {
      {.target = "/a b"},
      {.target = "/a\r\nX: y"},
      {.target = "a"},
      {.target = ""},
      {.method = "GET /x"},
      {.headers = {{"X", "a\r\nY: b"}}},
      {.headers = {{"X Y", "a"}}},
  };
  for (const HttpRequest& request : bad) {
    const auto answer = SendAndWait(loop_, *client_, request);
    EXPECT_EQ(answer.status().code(), StatusCode::kInvalidArgument) << request.target;
  }
  server_->Poll();
  EXPECT_TRUE(server_->accepted().empty());
}

// What certainly did not reach the server.

TEST_F(HttpClientTest, ARefusedConnectionIsUnavailable) {
  server_.reset();
  const auto answer = SendAndWait(loop_, *client_, {.method = "POST"});
  EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("Connection refused"));
}

TEST_F(HttpClientTest, AnUnknownNameIsUnavailable) {
  auto client = HttpClient::Create(
      loop_, {.base_url = "http://no-such-host.invalid:1", .ignore_environment = true});
  ASSERT_TRUE(client.ok());
  const auto answer = SendAndWait(loop_, **client, {});
  EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("no-such-host.invalid"));
}

TEST_F(HttpClientTest, ARequestThatGotNoConnectionInTimeIsUnavailable) {
  MakeClient({.max_connections = 1});
  Answer first;
  Answer second;
  Send(first);
  Send(second, {}, {.timeout = absl::Milliseconds(30)});
  ASSERT_TRUE(WaitForAnswer(second));
  EXPECT_EQ(second->status().code(), StatusCode::kUnavailable);
  EXPECT_FALSE(first.has_value());
}

// What may have reached it.

TEST_F(HttpClientTest, ATimeoutAfterSendingIsDeadlineExceeded) {
  Answer answer;
  Send(answer, {}, {.timeout = absl::Milliseconds(50)});
  RawSocket* peer = WaitForRequest();
  ASSERT_NE(peer, nullptr);
  peer->Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nslow");
  ASSERT_TRUE(WaitForAnswer(answer));
  EXPECT_EQ(answer->status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(client_->connections(), 0U);
}

TEST_F(HttpClientTest, ATrickleDoesNotProlongTheTimeout) {
  Answer answer;
  Send(answer, {}, {.timeout = absl::Milliseconds(60)});
  RawSocket* peer = WaitForRequest();
  ASSERT_NE(peer, nullptr);
  peer->Send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
  ASSERT_TRUE(WaitFor(loop_, [&] {
    peer->Send(".");
    return answer.has_value();
  }));
  EXPECT_EQ(answer->status().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(HttpClientTest, AResetIsAborted) {
  const auto answer = Exchange("", Then::kReset, {.method = "POST", .body = "x"});
  EXPECT_EQ(answer.status().code(), StatusCode::kAborted);
}

TEST_F(HttpClientTest, ReadsAnAnswerThatComesBeforeTheRequestIsSent) {
  Answer answer;
  Send(answer, {.method = "POST", .body = std::string(64 << 20, 'x')});
  // The server does not read the body.
  ASSERT_TRUE(WaitFor(loop_, [&] {
    if (server_->accepted().empty()) server_->Poll();
    return !server_->accepted().empty();
  }));
  server_->accepted()[0]->Send("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(WaitFor(loop_, [&] { return answer.has_value(); }));
  ASSERT_TRUE(answer->ok()) << answer->status();
  EXPECT_EQ((*answer)->status, 413);
  // The rest of the body would be taken for another request.
  EXPECT_EQ(client_->connections(), 0U);
}

// The pool.

TEST_F(HttpClientTest, UsesAKeptConnectionAgain) {
  ASSERT_TRUE(Exchange(kOk).ok());
  RawSocket& peer = *server_->accepted()[0];
  peer.ForgetReceived();
  Answer answer;
  Send(answer);
  ASSERT_EQ(WaitForRequest(1), &peer);
  peer.Send(kOk);
  ASSERT_TRUE(WaitForAnswer(answer));
  EXPECT_TRUE(answer->ok());
  EXPECT_EQ(server_->accepted().size(), 1U);
}

TEST_F(HttpClientTest, KeepsNoConnectionThatTheServerWillClose) {
  ASSERT_TRUE(Exchange("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").ok());
  EXPECT_EQ(client_->connections(), 0U);
}

TEST_F(HttpClientTest, KeepsNoConnectionWithMoreThanTheAnswerOnIt) {
  ASSERT_TRUE(Exchange(absl::StrCat(ToAbsl(kOk), "HTTP/1.1 200 OK\r\n")).ok());
  EXPECT_EQ(client_->connections(), 0U);
}

TEST_F(HttpClientTest, ForgetsAConnectionThatTheServerCloses) {
  ASSERT_TRUE(Exchange(kOk).ok());
  EXPECT_EQ(client_->connections(), 1U);
  server_->accepted()[0]->Close();
  EXPECT_TRUE(WaitFor(loop_, [&] { return client_->connections() == 0; }));
}

TEST_F(HttpClientTest, ClosesConnectionsThatStayIdle) {
  MakeClient({.idle_timeout = absl::Milliseconds(20)});
  ASSERT_TRUE(Exchange(kOk).ok());
  EXPECT_TRUE(WaitFor(loop_, [&] {
    server_->Poll();
    return server_->accepted()[0]->ended();
  }));
  EXPECT_EQ(client_->connections(), 0U);
}

TEST_F(HttpClientTest, DoesNotUseAConnectionThatHasJustBeenClosed) {
  ASSERT_TRUE(Exchange(kOk).ok());
  // The loop does not run in between: only a look at the socket tells.
  server_->accepted()[0]->Close();
  Answer answer;
  Send(answer, {.method = "POST"});
  RawSocket* peer = WaitForRequest(2);
  ASSERT_NE(peer, nullptr);
  peer->Send(kOk);
  ASSERT_TRUE(WaitForAnswer(answer));
  EXPECT_TRUE(answer->ok()) << answer->status();
}

// The connection is kept, gets a second request, and is cut before an answer.
class HttpClientKept : public HttpClientTest {
 protected:
  RawSocket* SendOnKept(Answer& answer, const std::string& method) {
    EXPECT_TRUE(Exchange(kOk).ok());
    server_->accepted()[0]->ForgetReceived();
    Send(answer, {.method = method});
    return WaitForRequest(1);
  }
};

TEST_F(HttpClientKept, AGetIsSentOnceMore) {
  Answer answer;
  RawSocket* kept = SendOnKept(answer, "GET");
  ASSERT_NE(kept, nullptr);
  kept->Close();
  RawSocket* fresh = WaitForRequest(2);
  ASSERT_NE(fresh, nullptr);
  EXPECT_FALSE(answer.has_value());
  // Once, not for ever.
  fresh->Close();
  ASSERT_TRUE(WaitForAnswer(answer));
  EXPECT_EQ(answer->status().code(), StatusCode::kAborted);
}

TEST_F(HttpClientKept, APostIsNot) {
  for (const std::string method : {"POST", "PATCH", "PUT", "DELETE"}) {
    server_ = std::make_unique<RawServer>();
    MakeClient({});
    Answer answer;
    RawSocket* kept = SendOnKept(answer, method);
    ASSERT_NE(kept, nullptr);
    kept->Close();
    ASSERT_TRUE(WaitForAnswer(answer));
    EXPECT_EQ(answer->status().code(), StatusCode::kAborted) << method;
    EXPECT_EQ(server_->accepted().size(), 1U);
  }
}

TEST_F(HttpClientKept, AGetWithHalfAnAnswerIsNot) {
  Answer answer;
  RawSocket* kept = SendOnKept(answer, "GET");
  ASSERT_NE(kept, nullptr);
  kept->Send("HTTP/1.1 2");
  kept->Close();
  ASSERT_TRUE(WaitForAnswer(answer));
  EXPECT_EQ(answer->status().code(), StatusCode::kAborted);
}

TEST_F(HttpClientTest, FindsAServerThatWasStartedAgain) {
  ASSERT_TRUE(Exchange(kOk).ok());
  const std::uint16_t port = server_->port();
  server_.reset();
  server_ = std::make_unique<RawServer>(port);
  const auto answer = Exchange(kOk);
  EXPECT_TRUE(answer.ok()) << answer.status();
}

// Cancelling.

TEST_F(HttpClientTest, CancelledRequestsAreSilentAndFreeTheirPlace) {
  MakeClient({.max_connections = 1});
  Answer sent;
  Answer queued;
  Answer last;
  const RequestId first = Send(sent);
  const RequestId second = Send(queued);
  Send(last);
  ASSERT_NE(WaitForRequest(), nullptr);
  client_->Cancel(second);
  client_->Cancel(first);
  client_->Cancel(first);
  client_->Cancel(0);
  RawSocket* peer = WaitForRequest(2);
  ASSERT_NE(peer, nullptr);
  peer->Send(kOk);
  ASSERT_TRUE(WaitForAnswer(last));
  EXPECT_TRUE(server_->accepted()[0]->ended());
  EXPECT_FALSE(sent.has_value());
  EXPECT_FALSE(queued.has_value());
}

TEST_F(HttpClientTest, ADestroyedClientIsSilent) {
  Answer connecting;
  StreamRecord record;
  Send(connecting);
  client_->Stream({}, {}, record.Handlers());
  RawSocket* peer = WaitForRequest(2);
  ASSERT_NE(peer, nullptr);
  Answer in_flight;
  Send(in_flight);
  client_ = nullptr;
  ASSERT_TRUE(WaitFor(loop_, [&] {
    server_->Poll();
    return peer->ended();
  }));
  EXPECT_FALSE(connecting.has_value());
  EXPECT_FALSE(in_flight.has_value());
  EXPECT_FALSE(record.end.has_value());
}

// Streams.

constexpr std::string_view kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

class HttpClientStream : public HttpClientTest {
 protected:
  RawSocket* StartStream(StreamOptions options = {}) {
    client_->Stream({.target = "/watch"}, options, record_.Handlers());
    RawSocket* peer = WaitForRequest();
    if (peer != nullptr) peer->Send(kChunkedHead);
    return peer;
  }

  bool WaitForEnd() {
    return WaitFor(loop_, [&] {
      server_->Poll();
      return record_.end.has_value();
    });
  }

  StreamRecord record_;
};

TEST_F(HttpClientStream, EndsWithAnErrorWhenCutInAChunk) {
  RawSocket* peer = StartStream();
  ASSERT_NE(peer, nullptr);
  peer->Send("5\r\nhel");
  ASSERT_TRUE(WaitFor(loop_, [&] { return record_.data == "hel"; }));
  peer->Close();
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(record_.end->code(), StatusCode::kAborted);
  EXPECT_EQ(record_.status, 200);
}

TEST_F(HttpClientStream, EndsWithAnErrorWhenCutBetweenChunks) {
  RawSocket* peer = StartStream();
  ASSERT_NE(peer, nullptr);
  peer->Send("5\r\nhello\r\n");
  peer->Close(RawSocket::How::kOrderly);
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(record_.end->code(), StatusCode::kAborted);
  EXPECT_EQ(record_.data, "hello");
}

TEST_F(HttpClientStream, HasNoLimitOfLength) {
  RawSocket* peer = StartStream();
  ASSERT_NE(peer, nullptr);
  peer->Send("400000\r\n" + std::string(4 << 20, 'x') + "\r\n0\r\n\r\n");
  ASSERT_TRUE(WaitForEnd());
  EXPECT_TRUE(record_.end->ok()) << *record_.end;
  EXPECT_EQ(record_.data.size(), 4U << 20);
}

TEST_F(HttpClientStream, AnErrorStatusIsAResponse) {
  client_->Stream({}, {}, record_.Handlers());
  RawSocket* peer = WaitForRequest();
  ASSERT_NE(peer, nullptr);
  peer->Send("HTTP/1.1 410 Gone\r\nContent-Length: 7\r\n\r\nexpired");
  ASSERT_TRUE(WaitForEnd());
  EXPECT_TRUE(record_.end->ok());
  EXPECT_EQ(record_.status, 410);
  EXPECT_EQ(record_.data, "expired");
}

TEST_F(HttpClientStream, TimesOutWithoutAHead) {
  client_->Stream({}, {.head_timeout = absl::Milliseconds(40)}, record_.Handlers());
  ASSERT_NE(WaitForRequest(), nullptr);
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(record_.end->code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(record_.status, 0);
}

TEST_F(HttpClientStream, TimesOutWhenNothingComes) {
  // As from a server that vanished without a word: a half-open connection.
  RawSocket* peer =
      StartStream({.head_timeout = absl::Seconds(20), .idle_timeout = absl::Milliseconds(60)});
  ASSERT_NE(peer, nullptr);
  const absl::Duration start = loop_.Now().mono;
  absl::Duration last_sent = start;
  // As long as something comes, it lives.
  ASSERT_TRUE(WaitFor(loop_, [&] {
    peer->Send("1\r\n.\r\n");
    last_sent = loop_.Now().mono;
    return record_.end.has_value() || last_sent - start > absl::Milliseconds(150);
  }));
  EXPECT_FALSE(record_.end.has_value());
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(record_.end->code(), StatusCode::kDeadlineExceeded);
  EXPECT_GE(loop_.Now().mono - last_sent, absl::Milliseconds(60));
}

TEST_F(HttpClientStream, MayBeCancelledInItsOwnCallback) {
  RequestId id = 0;
  int pieces = 0;
  StreamHandlers handlers;
  handlers.on_head = [](int, const Headers&) {};
  handlers.on_data = [&](std::string_view) {
    ++pieces;
    client_->Cancel(id);
  };
  handlers.on_end = [](absl::Status) { FAIL() << "it was cancelled"; };
  id = client_->Stream({}, {}, handlers);
  RawSocket* peer = WaitForRequest();
  ASSERT_NE(peer, nullptr);
  peer->Send(absl::StrCat(ToAbsl(kChunkedHead), "1\r\na\r\n1\r\nb\r\n0\r\n\r\n"));
  ASSERT_TRUE(WaitFor(loop_, [&] {
    server_->Poll();
    return peer->ended();
  }));
  EXPECT_EQ(pieces, 1);
}

TEST_F(HttpClientStream, StreamsAreOutsideThePool) {
  MakeClient({.max_connections = 1});
  std::vector<std::unique_ptr<StreamRecord>> records;
  for (int i = 0; i < 20; ++i) {
    records.push_back(std::make_unique<StreamRecord>());
    client_->Stream({}, {}, records.back()->Handlers());
  }
  ASSERT_NE(WaitForRequest(20), nullptr);
  EXPECT_EQ(client_->connections(), 0U);
  Answer answer;
  Send(answer);
  RawSocket* peer = WaitForRequest(21);
  ASSERT_NE(peer, nullptr);
  peer->Send(kOk);
  ASSERT_TRUE(WaitForAnswer(answer));
}

TEST(HttpClientCreate, RefusesWhatCannotWork) {
  AsioLoop loop;
  for (const ClientOptions& options :
       {ClientOptions{.base_url = "ftp://h"},
        ClientOptions{.base_url = "https://h", .tls = {.ca_pem = "junk"}},
        ClientOptions{.base_url = "https://h", .tls = {.ca_file = "/no/such/file"}},
        ClientOptions{.base_url = "http://h", .proxy_url = "https://proxy:1"},
        ClientOptions{.base_url = "http://h", .proxy_url = "socks5://proxy:1"}}) {
    const auto client = HttpClient::Create(loop, options);
    EXPECT_EQ(client.status().code(), StatusCode::kInvalidArgument) << options.base_url;
  }
}

}  // namespace http_client_test
}  // namespace heat_scheduler::net
