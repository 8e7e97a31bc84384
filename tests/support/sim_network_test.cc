#include "tests/support/sim_network.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/support/scripted_handler.h"
#include "tests/support/sim_loop.h"

namespace heat_scheduler {
namespace sim_network_test {

// Gives every request the same plan.
struct FixedPolicy final : FaultPolicy {
  explicit FixedPolicy(FaultPlan fixed) : plan(std::move(fixed)) {}
  FaultPlan OnRequest(const net::HttpRequest&) override { return plan; }
  FaultPlan plan;
};

// What one stream gave.
struct Received {
  net::StreamHandlers Handlers() {
    return {.on_head = [this](int code, const net::Headers&) { status = code; },
            .on_data = [this](std::string_view bytes) { data += bytes; },
            .on_end = [this](absl::Status how) { end = std::move(how); }};
  }
  int status = 0;
  std::string data;
  std::optional<absl::Status> end;
};

class SimNetwork : public testing::Test {
 protected:
  // Sends one request and returns what came of it.
  absl::StatusOr<net::HttpResponse> Ask(net::RequestOptions options = {}) {
    std::optional<absl::StatusOr<net::HttpResponse>> result;
    transport_.Send({.target = "/x"}, options,
                    [&](auto response) { result = std::move(response); });
    EXPECT_FALSE(result.has_value()) << "a callback ran inside Send";
    EXPECT_TRUE(loop_.RunUntil([&] { return result.has_value(); }, absl::Hours(1)));
    EXPECT_EQ(transport_.open(), 0u);
    return *std::move(result);
  }

  SimLoop loop_;
  ScriptedHandler server_;
  SimTransport transport_{loop_, &server_};
};

TEST_F(SimNetwork, DeliversRequestAndResponseWithLatency) {
  server_.Expect("GET", "/x", Reply(201, "body", {{"A", "b"}}));
  const auto response = Ask();
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "body");
  EXPECT_EQ(net::FindHeader(response->headers, "a"), "b");
  EXPECT_EQ(server_.requests()[0].peer, "192.0.2.1");
  EXPECT_GE(loop_.Now().mono, absl::Microseconds(400));
  EXPECT_LE(loop_.Now().mono, absl::Milliseconds(4));
}

struct FateRow {
  std::string name;
  FaultPlan plan;
  absl::StatusCode code;
  bool server_sees_it;
};

class SimNetworkFates : public SimNetwork, public testing::WithParamInterface<FateRow> {};

TEST_P(SimNetworkFates, EndsAsPlanned) {
  FixedPolicy policy(GetParam().plan);
  transport_.SetPolicy(&policy);
  server_.Otherwise(Reply(200, "0123456789"));
  EXPECT_EQ(Ask({.timeout = absl::Seconds(3)}).status().code(), GetParam().code);
  EXPECT_EQ(server_.requests().size(), GetParam().server_sees_it ? 1u : 0u);
}

INSTANTIATE_TEST_SUITE_P(
    All, SimNetworkFates,
    testing::Values(
        FateRow{
            "Refuse", {.fate = FaultPlan::Fate::kRefuse}, absl::StatusCode::kUnavailable, false},
        FateRow{"LoseRequest",
                {.fate = FaultPlan::Fate::kLoseRequest},
                absl::StatusCode::kAborted,
                false},
        FateRow{
            "LoseReply", {.fate = FaultPlan::Fate::kLoseReply}, absl::StatusCode::kAborted, true},
        FateRow{"Silence",
                {.fate = FaultPlan::Fate::kSilence},
                absl::StatusCode::kDeadlineExceeded,
                true},
        FateRow{"SlowReply",
                {.reply_delay = absl::Seconds(4)},
                absl::StatusCode::kDeadlineExceeded,
                true},
        FateRow{"SlowButInTime", {.reply_delay = absl::Seconds(2)}, absl::StatusCode::kOk, true},
        FateRow{"CutInTheBody", {.cut_after_bytes = 5}, absl::StatusCode::kAborted, true},
        FateRow{"FrozenInTheBody",
                {.freeze_after_bytes = 5},
                absl::StatusCode::kDeadlineExceeded,
                true}),
    [](const auto& row) { return row.param.name; });

TEST_F(SimNetwork, ResponseOverTheLimitIsResourceExhausted) {
  server_.Otherwise(Reply(200, "12345"));
  EXPECT_EQ(Ask({.max_body_bytes = 4}).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Ask({.max_body_bytes = 5}).ok());
}

TEST_F(SimNetwork, AnswerThatIsDroppedIs500) {
  server_.Expect("GET", "/x", [](const net::HttpRequest&, std::shared_ptr<net::ResponseSink>) {});
  EXPECT_EQ(Ask()->status, 500);
}

TEST_F(SimNetwork, NobodyListens) {
  transport_.Connect(nullptr);
  EXPECT_EQ(Ask().status().code(), absl::StatusCode::kUnavailable);
  transport_.Connect(&server_);
  server_.Expect("GET", "/x", Reply(200, ""));
  EXPECT_TRUE(Ask().ok());
}

class SimNetworkStream : public SimNetwork {
 protected:
  net::RequestId Open(net::StreamOptions options = {}) {
    server_.Expect("GET", "/w*", stream_.Open());
    const net::RequestId id = transport_.Stream({.target = "/watch"}, options, got_.Handlers());
    loop_.RunUntil([&] { return got_.status != 0; }, absl::Seconds(5));
    return id;
  }

  ScriptedStream stream_;
  Received got_;
};

TEST_F(SimNetworkStream, HandsOnDataInOrderAndTheEnd) {
  Open();
  for (char c = 'a'; c <= 'z'; ++c) stream_.Write(std::string(1, c));
  stream_.Close();
  loop_.RunFor(absl::Seconds(1));
  EXPECT_EQ(got_.status, 200);
  EXPECT_EQ(got_.data, "abcdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(got_.end, absl::OkStatus());
}

TEST_F(SimNetworkStream, IdleTimeoutRestartsWithData) {
  Open({.idle_timeout = absl::Seconds(10)});
  loop_.RunFor(absl::Seconds(9));
  stream_.Write("x");
  loop_.RunFor(absl::Seconds(9));
  EXPECT_FALSE(got_.end.has_value());
  loop_.RunFor(absl::Seconds(2));
  ASSERT_TRUE(got_.end.has_value());
  EXPECT_EQ(got_.end->code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(stream_.is_open());
}

TEST_F(SimNetworkStream, CutTellsBothSides) {
  Open();
  transport_.CutAll();
  loop_.RunFor(absl::Seconds(1));
  ASSERT_TRUE(got_.end.has_value());
  EXPECT_EQ(got_.end->code(), absl::StatusCode::kAborted);
  EXPECT_FALSE(stream_.is_open());
}

TEST_F(SimNetworkStream, FrozenStreamGathersAtTheServer) {
  Open({.idle_timeout = absl::Minutes(2)});
  transport_.FreezeAll();
  stream_.Write("lost");
  loop_.RunFor(absl::Minutes(1));
  EXPECT_EQ(got_.data, "");
  EXPECT_FALSE(got_.end.has_value());
  loop_.RunFor(absl::Minutes(2));
  EXPECT_EQ(got_.end->code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(SimNetworkStream, CancelIsSilentHereAndSeenThere) {
  const net::RequestId id = Open();
  transport_.Cancel(id);
  loop_.RunFor(absl::Seconds(1));
  EXPECT_FALSE(got_.end.has_value());
  EXPECT_FALSE(stream_.is_open());
}

TEST_F(SimNetworkStream, CutAfterATimeCountsFromTheHead) {
  FixedPolicy policy({.cut_after = absl::Seconds(7)});
  transport_.SetPolicy(&policy);
  Open();
  loop_.RunFor(absl::Seconds(6));
  EXPECT_FALSE(got_.end.has_value());
  loop_.RunFor(absl::Seconds(2));
  ASSERT_TRUE(got_.end.has_value());
  EXPECT_EQ(got_.end->code(), absl::StatusCode::kAborted);
}

TEST_F(SimNetworkStream, WholeAnswerToAStreamIsHandedOnAtOnce) {
  server_.Expect("GET", "/watch", Reply(410, "gone"));
  transport_.Stream({.target = "/watch"}, {}, got_.Handlers());
  loop_.RunFor(absl::Seconds(1));
  EXPECT_EQ(got_.status, 410);
  EXPECT_EQ(got_.data, "gone");
  EXPECT_EQ(got_.end, absl::OkStatus());
}

}  // namespace sim_network_test
}  // namespace heat_scheduler
