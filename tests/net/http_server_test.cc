// The server against bare sockets: what it answers to good, bad, slow and vanishing peers.
#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "net/asio_loop.h"
#include "tests/net/net_test_util.h"
#include "tests/net/raw_socket.h"

namespace heat_scheduler::net {
namespace http_server_test {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class HttpServerTest : public testing::Test {
 protected:
  void Serve(FunctionHandler::Function function, ServerLimits limits = {}) {
    handler_ = std::make_unique<FunctionHandler>(std::move(function));
    auto server = HttpServer::Start(loop_, *handler_, {.limits = limits});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  void ServeEcho(ServerLimits limits = {}) {
    Serve(
        [](const HttpRequest& request, std::shared_ptr<ResponseSink> sink) {
          sink->Send({.headers = {{"X-Peer", request.peer}},
                      .body = request.method + " " + request.target + " " + request.body});
        },
        limits);
  }

  // Keeps every sink in `sinks_`, unanswered.
  void ServeLater(ServerLimits limits = {}) {
    Serve([this](const HttpRequest&,
                 std::shared_ptr<ResponseSink> sink) { sinks_.push_back(std::move(sink)); },
          limits);
  }

  std::unique_ptr<RawSocket> Connect() { return std::make_unique<RawSocket>(server_->port()); }

  bool WaitUntilReceived(RawSocket& peer, std::string_view text) {
    return WaitFor(loop_, [&] {
      peer.Poll();
      return peer.received().find(text) != std::string::npos;
    });
  }

  bool WaitUntilEnded(RawSocket& peer) {
    return WaitFor(loop_, [&] {
      peer.Poll();
      return peer.ended();
    });
  }

  // Sends, says that no more comes, and returns all that comes back until the server closes.
  std::string Ask(std::string_view bytes) {
    const auto peer = Connect();
    peer->Send(bytes);
    EXPECT_TRUE(WaitFor(loop_, [&] {
      peer->Poll();
      return peer->all_sent();
    }));
    peer->CloseSending();
    EXPECT_TRUE(WaitUntilEnded(*peer));
    return peer->received();
  }

  void ExpectServes() {
    EXPECT_THAT(Ask("GET /alive HTTP/1.1\r\nHost: h\r\n\r\n"), HasSubstr("GET /alive"));
  }

  AsioLoop loop_;
  std::unique_ptr<FunctionHandler> handler_;
  std::unique_ptr<HttpServer> server_;
  std::vector<std::shared_ptr<ResponseSink>> sinks_;
};

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

struct RefusedRow {
  std::string name;
  std::string request;
  std::string status_line;
};

class HttpServerRefuses : public HttpServerTest, public testing::WithParamInterface<RefusedRow> {};

TEST_P(HttpServerRefuses, AnswersClosesAndServesOthers) {
  ServeEcho();
  const std::string answer = Ask(GetParam().request);
  EXPECT_THAT(answer, StartsWith(GetParam().status_line));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  ExpectServes();
}

std::string Post(std::string_view fields, std::string_view body = "") {
  return absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\n", std::string(fields), "\r\n",
                      std::string(body));
}

std::string ManyFields(int count) {
  std::string fields;
  for (int i = 0; i < count; ++i) fields += "A: b\r\n";
  return fields;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, HttpServerRefuses,
    testing::Values(
        RefusedRow{"NoHost", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
        RefusedRow{"TwoLengths", Post("Content-Length: 1\r\nContent-Length: 2\r\n", "ab"),
                   "HTTP/1.1 400 "},
        RefusedRow{"LengthAndChunked",
                   Post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                   "HTTP/1.1 400 "},
        RefusedRow{"BadChunk", Post("Transfer-Encoding: chunked\r\n", "-2\r\n"), "HTTP/1.1 400 "},
        RefusedRow{"AbsoluteTarget", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400 "},
        RefusedRow{"Connect", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400 "},
        RefusedRow{"Http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 505 "},
        RefusedRow{"TlsHello", "\x16\x03\x01\x02", "HTTP/1.1 400 "},
        RefusedRow{"RequestLine", "GET /" + std::string(8192, 'a'), "HTTP/1.1 414 "},
        RefusedRow{"HeaderBytes", Post("X: " + std::string(33 * 1024, 'a')), "HTTP/1.1 431 "},
        RefusedRow{"HeaderCount", Post(ManyFields(100)), "HTTP/1.1 431 "},
        RefusedRow{"BodyOneTooMany", Post("Content-Length: 3145729\r\n"), "HTTP/1.1 413 "},
        RefusedRow{"BodyHuge", Post("Content-Length: 314572800\r\n"), "HTTP/1.1 413 "},
        RefusedRow{"ChunksTooLong", Post("Transfer-Encoding: chunked\r\n", "300001\r\n"),
                   "HTTP/1.1 413 "}),
    [](const auto& row) { return row.param.name; });

TEST_F(HttpServerTest, StopsReadingAHeaderThatNeverEnds) {
  ServeEcho();
  const auto peer = Connect();
  peer->Send("GET / HTTP/1.1\r\nX: " + std::string(100 << 20, 'a'));
  ASSERT_TRUE(WaitUntilReceived(*peer, "HTTP/1.1 431 "));
  ASSERT_TRUE(WaitUntilEnded(*peer));
  ExpectServes();
}

TEST_F(HttpServerTest, StopsReadingFieldsThatNeverEnd) {
  ServeEcho();
  const auto peer = Connect();
  peer->Send("GET / HTTP/1.1\r\n" + ManyFields(500'000));
  ASSERT_TRUE(WaitUntilReceived(*peer, "HTTP/1.1 431 "));
  ASSERT_TRUE(WaitUntilEnded(*peer));
}

TEST_F(HttpServerTest, TakesABodyAtTheLimit) {
  ServeEcho({.body_bytes = 5});
  EXPECT_THAT(Ask(Post("Content-Length: 5\r\n", "hello")), EndsWith("POST / hello"));
  EXPECT_THAT(Ask(Post("Content-Length: 6\r\n", "hello!")), StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, HoldsNoMoreOfAllBodiesThanItMay) {
  ServeEcho({.body_bytes = 1000, .total_body_bytes = 1500});
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n";
  const auto first = Connect();
  first->Send(head + std::string(900, 'a'));
  ExpectServes();  // By then what the first has sent was read.
  const auto second = Connect();
  second->Send(head + std::string(900, 'b'));
  ASSERT_TRUE(WaitUntilReceived(*second, "503"));
  EXPECT_TRUE(WaitUntilEnded(*second));
  // Whoever came first goes on, and leaves its place to the next.
  first->Send(std::string(100, 'a'));
  ASSERT_TRUE(WaitUntilReceived(*first, "POST / "));
  const auto third = Connect();
  third->Send(head + std::string(1000, 'c'));
  EXPECT_TRUE(WaitUntilReceived(*third, "POST / "));
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  ServeLater();
  const auto peer = Connect();
  peer->Send(
      "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"
      "GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  for (std::size_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(WaitFor(loop_, [&] { return sinks_.size() == i; }));
    sinks_.back()->Send({.body = absl::StrCat("answer ", i, ".")});
  }
  ASSERT_TRUE(WaitUntilEnded(*peer));
  const std::string& all = peer->received();
  EXPECT_LT(all.find("answer 1."), all.find("answer 2."));
  EXPECT_LT(all.find("answer 2."), all.find("answer 3."));
  EXPECT_THAT(all, EndsWith("answer 3."));
}

TEST_F(HttpServerTest, SaysContinueToThoseWhoWaitForIt) {
  ServeEcho();
  const auto peer = Connect();
  peer->Send(Post("Content-Length: 2\r\nExpect: 100-continue\r\n"));
  ASSERT_TRUE(WaitUntilReceived(*peer, "HTTP/1.1 100 Continue\r\n\r\n"));
  peer->Send("hi");
  ASSERT_TRUE(WaitUntilReceived(*peer, "POST / hi"));
}

TEST_F(HttpServerTest, AnswersHttp10AndCloses) {
  ServeEcho();
  const auto peer = Connect();
  peer->Send("GET /old HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(WaitUntilEnded(*peer));
  EXPECT_THAT(peer->received(), EndsWith("GET /old "));
}

TEST_F(HttpServerTest, StreamsToHttp10WithoutChunks) {
  Serve([](const HttpRequest&, std::shared_ptr<ResponseSink> sink) {
    sink->BeginStream(200, {});
    sink->Write(Shared("one"));
    sink->Write(Shared("two"));
    sink->Close();
  });
  const std::string answer = Ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(answer, EndsWith("\r\n\r\nonetwo"));
  EXPECT_THAT(answer, Not(HasSubstr("chunked")));
}

TEST_F(HttpServerTest, FramesAStreamInChunks) {
  Serve([](const HttpRequest&, std::shared_ptr<ResponseSink> sink) {
    sink->BeginStream(200, {{"Content-Type", "text/plain"}});
    sink->Write(Shared("hello"));
    sink->Write(Shared(""));
    sink->Write(Shared(std::string(300, 'x')));
    sink->Close();
    sink->Write(Shared("too late"));
  });
  EXPECT_THAT(Ask(kGet), EndsWith("Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "5\r\nhello\r\n12c\r\n" +
                                  std::string(300, 'x') + "\r\n0\r\n\r\n"));
}

TEST_F(HttpServerTest, SendsNoBodyWhereThereIsNone) {
  Serve([](const HttpRequest& request, std::shared_ptr<ResponseSink> sink) {
    sink->Send({.status = request.target == "/204"   ? 204
                          : request.target == "/304" ? 304
                                                     : 200,
                .body = "body"});
  });
  const std::string no_content = Ask("GET /204 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(no_content, EndsWith("\r\n\r\n"));
  EXPECT_THAT(no_content, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(Ask("GET /304 HTTP/1.1\r\nHost: h\r\n\r\n"), EndsWith("\r\n\r\n"));
  const std::string head = Ask("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
}

TEST_F(HttpServerTest, LetsNoHeaderFieldStartAnotherResponse) {
  Serve([](const HttpRequest&, std::shared_ptr<ResponseSink> sink) {
    sink->Send({.headers = {{"X-Good", "1"},
                            {"X-Evil", "1\r\nSet-Cookie: a=b"},
                            {"X Evil", "2"},
                            {"Content-Length", "999"}}});
  });
  const std::string answer = Ask(kGet);
  EXPECT_THAT(answer, HasSubstr("X-Good: 1\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Evil")));
  EXPECT_THAT(answer, Not(HasSubstr("999")));
}

TEST_F(HttpServerTest, AnswersForAHandlerThatForgets) {
  Serve([](const HttpRequest&, std::shared_ptr<ResponseSink>) {});
  EXPECT_THAT(Ask(kGet), StartsWith("HTTP/1.1 500 "));
}

TEST_F(HttpServerTest, CutsAStreamWhoseOwnerLosesIt) {
  ServeLater();
  const auto peer = Connect();
  peer->Send(kGet);
  ASSERT_TRUE(WaitFor(loop_, [&] { return sinks_.size() == 1; }));
  sinks_.front()->BeginStream(200, {});
  ASSERT_TRUE(WaitUntilReceived(*peer, "\r\n\r\n"));
  sinks_.clear();
  ASSERT_TRUE(WaitUntilEnded(*peer));
  // No last chunk: the peer sees that something is missing.
  EXPECT_THAT(peer->received(), Not(HasSubstr("0\r\n\r\n")));
}

TEST_F(HttpServerTest, TakesOneAnswerOnly) {
  Serve([](const HttpRequest&, std::shared_ptr<ResponseSink> sink) {
    sink->Send({.body = "first"});
    sink->Send({.body = "second"});
    sink->BeginStream(200, {});
    sink->Close();
  });
  EXPECT_THAT(Ask(kGet), EndsWith("first"));
}

TEST_F(HttpServerTest, TellsPeersApart) {
  ServeEcho();
  EXPECT_THAT(Ask(kGet), HasSubstr("X-Peer: 127.0.0.1\r\n"));
}

// Peers that go.

enum class Going { kOrderly, kReset };

class HttpServerGone : public HttpServerTest, public testing::WithParamInterface<Going> {
 protected:
  void Close(RawSocket& peer) {
    peer.Close(GetParam() == Going::kReset ? RawSocket::How::kReset : RawSocket::How::kOrderly);
  }
};

INSTANTIATE_TEST_SUITE_P(Rows, HttpServerGone, testing::Values(Going::kOrderly, Going::kReset),
                         [](const auto& row) {
                           return row.param == Going::kReset ? "Reset" : "Orderly";
                         });

TEST_P(HttpServerGone, WhileTheAnswerIsPending) {
  ServeLater();
  const auto peer = Connect();
  peer->Send(kGet);
  ASSERT_TRUE(WaitFor(loop_, [&] { return sinks_.size() == 1; }));
  int gone = 0;
  sinks_.front()->OnGone([] { FAIL() << "it was replaced"; });
  sinks_.front()->OnGone([&gone] { ++gone; });
  Close(*peer);
  ASSERT_TRUE(WaitFor(loop_, [&] { return gone == 1; }));
  sinks_.front()->Send({.body = std::string(1 << 20, 'x')});
  sinks_.front()->Send({});
  EXPECT_TRUE(WaitFor(loop_, [&] { return server_->connections() == 0; }));
  EXPECT_EQ(gone, 1);
}

TEST_P(HttpServerGone, WhileAStreamRuns) {
  ServeLater();
  const auto peer = Connect();
  peer->Send(kGet);
  ASSERT_TRUE(WaitFor(loop_, [&] { return sinks_.size() == 1; }));
  sinks_.front()->BeginStream(200, {});
  int gone = 0;
  sinks_.front()->OnGone([&gone] { ++gone; });
  Close(*peer);
  ASSERT_TRUE(WaitFor(loop_, [&] { return gone == 1; }));
  EXPECT_EQ(server_->connections(), 0U);
  EXPECT_EQ(sinks_.front()->queued_bytes(), 0U);
  sinks_.front()->Write(Shared("x"));
  int late = 0;
  sinks_.front()->OnGone([&late] { ++late; });
  EXPECT_TRUE(WaitFor(loop_, [&] { return late == 1; }));
}

TEST_P(HttpServerGone, InTheMiddleOfABody) {
  ServeLater();
  const auto peer = Connect();
  peer->Send(Post("Content-Length: 10\r\n", "half"));
  ASSERT_TRUE(WaitFor(loop_, [&] { return server_->connections() == 1; }));
  Close(*peer);
  EXPECT_TRUE(WaitFor(loop_, [&] { return server_->connections() == 0; }));
  EXPECT_TRUE(sinks_.empty());
}

TEST_F(HttpServerTest, CountsWhatASlowPeerHasNotTaken) {
  ServeLater();
  const auto peer = Connect();
  peer->Send(kGet);
  ASSERT_TRUE(WaitFor(loop_, [&] { return sinks_.size() == 1; }));
  ResponseSink& sink = *sinks_.front();
  sink.BeginStream(200, {});
  const auto data = Shared(std::string(1 << 20, 'x'));
  for (int i = 0; i < 32; ++i) sink.Write(data);
  // Shared, not copied for each peer.
  EXPECT_GE(data.use_count(), 32);
  ASSERT_TRUE(WaitFor(loop_, [&] { return sink.queued_bytes() < 32U << 20; }));
  EXPECT_GT(sink.queued_bytes(), 1U << 20);
  ASSERT_TRUE(WaitFor(loop_, [&] {
    peer->Poll();
    return sink.queued_bytes() == 0;
  }));
}

TEST_F(HttpServerTest, CutsAPeerThatTakesNothing) {
  ServeLater({.write_timeout = absl::Milliseconds(50)});
  const auto peer = Connect();
  peer->Send(kGet);
  ASSERT_TRUE(WaitFor(loop_, [&] { return sinks_.size() == 1; }));
  sinks_.front()->BeginStream(200, {});
  bool gone = false;
  sinks_.front()->OnGone([&gone] { gone = true; });
  sinks_.front()->Write(Shared(std::string(32 << 20, 'x')));
  EXPECT_TRUE(WaitFor(loop_, [&] { return gone; }));
}

// Deadlines and caps.

TEST_F(HttpServerTest, ClosesThoseWhoConnectAndSayNothing) {
  ServeEcho({.header_timeout = absl::Milliseconds(30), .max_connections_per_peer = 0});
  std::vector<std::unique_ptr<RawSocket>> peers;
  for (int i = 0; i < 200; ++i) peers.push_back(Connect());
  ExpectServes();
  for (const auto& peer : peers) ASSERT_TRUE(WaitUntilEnded(*peer));
  EXPECT_EQ(peers.front()->received(), "");
}

TEST_F(HttpServerTest, CutsAHeadThatComesByteByByte) {
  ServeEcho({.header_timeout = absl::Milliseconds(50)});
  const auto peer = Connect();
  ASSERT_TRUE(WaitFor(loop_, [&] {
    peer->Send("a");
    peer->Poll();
    return peer->received().find("HTTP/1.1 408 ") != std::string::npos;
  }));
  ASSERT_TRUE(WaitUntilEnded(*peer));
}

TEST_F(HttpServerTest, CutsABodyThatDoesNotCome) {
  ServeEcho({.body_timeout = absl::Milliseconds(50)});
  const auto peer = Connect();
  peer->Send(Post("Content-Length: 10\r\n", "half"));
  ASSERT_TRUE(WaitUntilReceived(*peer, "HTTP/1.1 408 "));
  ASSERT_TRUE(WaitUntilEnded(*peer));
}

TEST_F(HttpServerTest, ClosesIdleConnections) {
  ServeEcho({.idle_timeout = absl::Milliseconds(30)});
  const auto peer = Connect();
  peer->Send(kGet);
  ASSERT_TRUE(WaitUntilEnded(*peer));
  EXPECT_THAT(peer->received(), HasSubstr("GET / "));
}

TEST_F(HttpServerTest, HasNoDeadlineForTheHandler) {
  ServeLater({.header_timeout = absl::Milliseconds(20),
              .body_timeout = absl::Milliseconds(20),
              .idle_timeout = absl::Milliseconds(20),
              .write_timeout = absl::Milliseconds(20)});
  const auto peer = Connect();
  peer->Send(kGet);
  ASSERT_TRUE(WaitFor(loop_, [&] { return sinks_.size() == 1; }));
  EXPECT_FALSE(WaitFor(
      loop_,
      [&] {
        peer->Poll();
        return peer->ended();
      },
      absl::Milliseconds(100)));
  sinks_.front()->Send({.body = "late"});
  EXPECT_TRUE(WaitUntilReceived(*peer, "late"));
}

struct CapRow {
  std::string name;
  ServerLimits limits;
};

class HttpServerCaps : public HttpServerTest, public testing::WithParamInterface<CapRow> {};

INSTANTIATE_TEST_SUITE_P(Rows, HttpServerCaps,
                         testing::Values(CapRow{"PerPeer", {.max_connections_per_peer = 3}}),
                         [](const auto& row) { return row.param.name; });

TEST_P(HttpServerCaps, ClosesTheConnectionTooMany) {
  ServeEcho(GetParam().limits);
  std::vector<std::unique_ptr<RawSocket>> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(Connect());
    peers.back()->Send(kGet);
    ASSERT_TRUE(WaitUntilReceived(*peers.back(), "GET / "));
  }
  const auto refused = Connect();
  ASSERT_TRUE(WaitUntilEnded(*refused));
  EXPECT_EQ(refused->received(), "");
  // A place that gets free is given away again.
  peers.pop_back();
  ASSERT_TRUE(WaitFor(loop_, [&] { return server_->connections() == 2; }));
  ExpectServes();
}

TEST_F(HttpServerTest, GivesThePlaceOfTheMostSilentAway) {
  ServeEcho({.max_connections = 3});
  std::vector<std::unique_ptr<RawSocket>> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(Connect());
    peers.back()->Send(kGet);
    ASSERT_TRUE(WaitUntilReceived(*peers.back(), "GET / "));
  }
  // The first has something to say meanwhile, so that the second is the most silent.
  peers[0]->ForgetReceived();
  peers[0]->Send(kGet);
  ASSERT_TRUE(WaitUntilReceived(*peers[0], "GET / "));
  ExpectServes();
  ASSERT_TRUE(WaitUntilEnded(*peers[1]));
  for (const std::size_t still : {0, 2}) {
    peers[still]->Poll();
    EXPECT_FALSE(peers[still]->ended());
  }
}

TEST_F(HttpServerTest, ClosesTheConnectionTooManyIfAllWaitForAnswers) {
  ServeLater({.max_connections = 2});
  std::vector<std::unique_ptr<RawSocket>> peers;
  for (std::size_t i = 1; i <= 2; ++i) {
    peers.push_back(Connect());
    peers.back()->Send(kGet);
    ASSERT_TRUE(WaitFor(loop_, [&] {
      peers.back()->Poll();
      return sinks_.size() == i;
    }));
  }
  const auto refused = Connect();
  ASSERT_TRUE(WaitUntilEnded(*refused));
  sinks_.front()->Send({.body = "here"});
  EXPECT_TRUE(WaitUntilReceived(*peers.front(), "here"));
}

TEST_F(HttpServerTest, WaitsForFileDescriptors) {
  ServeEcho();
  const auto first = Connect();
  first->Send(kGet);
  ASSERT_TRUE(WaitUntilReceived(*first, "GET / "));
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const auto second = Connect();  // It waits in the listener's queue.
  const rlimit none = {.rlim_cur = 3, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  second->Send(kGet);
  EXPECT_FALSE(WaitFor(
      loop_,
      [&] {
        second->Poll();
        return !second->received().empty() || second->ended();
      },
      absl::Milliseconds(250)));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(WaitUntilReceived(*second, "GET / "));
}

// Start and shutdown.

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  ServeEcho();
  const auto taken = HttpServer::Start(loop_, *handler_, {.port = server_->port()});
  EXPECT_EQ(taken.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(taken.status().message()),
              HasSubstr(absl::StrCat("127.0.0.1 port ", server_->port())));
  const auto no_address = HttpServer::Start(loop_, *handler_, {.host = "example.com"});
  EXPECT_EQ(no_address.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(HttpServerTest, ShutdownLetsAnswersEndAndClosesTheRest) {
  ServeLater();
  const auto idle = Connect();
  const auto busy = Connect();
  busy->Send(absl::StrCat(ToAbsl(kGet), ToAbsl(kGet)));
  ASSERT_TRUE(WaitFor(loop_, [&] { return sinks_.size() == 1; }));
  ASSERT_TRUE(WaitFor(loop_, [&] { return server_->connections() == 2; }));
  bool done = false;
  server_->Shutdown(absl::Minutes(1), [&done] { done = true; });
  ASSERT_TRUE(WaitUntilEnded(*idle));
  EXPECT_FALSE(done);
  sinks_.front()->Send({.body = "the last"});
  ASSERT_TRUE(WaitFor(loop_, [&] { return done; }));
  ASSERT_TRUE(WaitUntilEnded(*busy));
  EXPECT_THAT(busy->received(), EndsWith("the last"));
  EXPECT_THAT(busy->received(), HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(sinks_.size(), 1U);
}

TEST_F(HttpServerTest, ShutdownCutsWhatOutlivesItsGrace) {
  ServeLater();
  const auto peer = Connect();
  peer->Send(kGet);
  ASSERT_TRUE(WaitFor(loop_, [&] { return sinks_.size() == 1; }));
  bool gone = false;
  bool done = false;
  sinks_.front()->OnGone([&gone] { gone = true; });
  server_->Shutdown(absl::Milliseconds(20), [&done] { done = true; });
  ASSERT_TRUE(WaitFor(loop_, [&] { return done; }));
  EXPECT_TRUE(gone);
  ASSERT_TRUE(WaitUntilEnded(*peer));
}

TEST_F(HttpServerTest, SinksOutliveTheServer) {
  ServeLater();
  const auto peer = Connect();
  peer->Send(kGet);
  ASSERT_TRUE(WaitFor(loop_, [&] { return sinks_.size() == 1; }));
  server_.reset();
  sinks_.front()->BeginStream(200, {});
  sinks_.front()->Write(Shared("x"));
  sinks_.front()->Close();
  EXPECT_EQ(sinks_.front()->queued_bytes(), 0U);
  ASSERT_TRUE(WaitUntilEnded(*peer));
  EXPECT_EQ(peer->received(), "");
}

}  // namespace http_server_test
}  // namespace heat_scheduler::net
