#include "live/status_writer.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/live/fixture.h"

namespace heat_scheduler {
namespace status_writer_test {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kStatus[] = "/api/v1/namespaces/default/pods/web/status";
constexpr char kPodBody[] =
    R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"default","uid":"u1"},)"
    R"("spec":{"containers":[]}})";

class StatusWriterTest : public ScriptedApiTest {
 protected:
  static kube::PodStatusPatch Patch(const std::string& message) {
    return {.namespace_ = "default",
            .name = "web",
            .uid = "u1",
            .condition = kube::PodCondition{"PodScheduled", "False", "Unschedulable", message},
            .transition_time = std::nullopt,
            .nominated_node_name = std::nullopt};
  }

  // Answers when the test says so.
  Answer Later() {
    return [this](const net::HttpRequest&, std::shared_ptr<net::ResponseSink> sink) {
      sink_ = std::move(sink);
    };
  }

  bool Settle() {
    return loop_.RunUntil([this] { return writer_.pending() == 0; }, absl::Minutes(10));
  }

  std::shared_ptr<net::ResponseSink> sink_;
  StatusWriter writer_{loop_, api_, metrics_, 1};
};

TEST_F(StatusWriterTest, WritesTheCondition) {
  server_.Expect("PATCH", kStatus, Reply(200, kPodBody));
  writer_.Write(Patch("0/1 nodes are available"));
  ASSERT_TRUE(Settle());
  EXPECT_THAT(server_.requests()[0].body, HasSubstr("0/1 nodes are available"));
  EXPECT_THAT(server_.requests()[0].body, HasSubstr(R"("uid":"u1")"));
  EXPECT_EQ(metrics_.status_patches.Get({"written"}), 1);
}

TEST_F(StatusWriterTest, OnlyTheLatestIsSentAfterTheOneInFlight) {
  server_.Expect("PATCH", kStatus, Later());
  server_.Expect("PATCH", kStatus, Reply(200, kPodBody));
  writer_.Write(Patch("first"));
  loop_.RunUntil([this] { return sink_ != nullptr; }, absl::Seconds(1));
  kube::PodStatusPatch second = Patch("second");
  second.nominated_node_name = "n7";
  writer_.Write(std::move(second));
  writer_.Write(Patch("third"));
  sink_->Send({.status = 200, .body = kPodBody});
  ASSERT_TRUE(Settle());
  ASSERT_EQ(server_.requests().size(), 2u);
  EXPECT_THAT(server_.requests()[1].body, HasSubstr("third"));
  EXPECT_THAT(server_.requests()[1].body, HasSubstr("n7")) << "the nomination still holds";
  EXPECT_EQ(metrics_.status_patches.Get({"replaced"}), 1);
}

TEST_F(StatusWriterTest, TriesAgainWhileTheServerIsAwayThenDrops) {
  for (int i = 0; i < StatusWriter::kMaxTries; ++i) {
    server_.Expect("PATCH", kStatus, Reply(503, StatusBody(503, "ServiceUnavailable", "away")));
  }
  writer_.Write(Patch("x"));
  ASSERT_TRUE(Settle());
  EXPECT_EQ(server_.remaining(), 0u);
  EXPECT_EQ(metrics_.status_patches.Get({"dropped"}), 1);
}

TEST_F(StatusWriterTest, SecondTrySucceeds) {
  server_.Expect("PATCH", kStatus, Reply(503, StatusBody(503, "ServiceUnavailable", "away")));
  server_.Expect("PATCH", kStatus, Reply(200, kPodBody));
  writer_.Write(Patch("x"));
  ASSERT_TRUE(Settle());
  EXPECT_EQ(metrics_.status_patches.Get({"written"}), 1);
}

TEST_F(StatusWriterTest, Row42RefusedIsNotTriedAgain) {
  server_.Expect("PATCH", kStatus, Reply(403, StatusBody(403, "Forbidden", "no")));
  writer_.Write(Patch("x"));
  ASSERT_TRUE(Settle());
  EXPECT_EQ(metrics_.status_patches.Get({"refused"}), 1);
}

TEST_F(StatusWriterTest, ForgetWaitsForWhatIsInFlight) {
  server_.Expect("PATCH", kStatus, Later());
  writer_.Write(Patch("first"));
  loop_.RunUntil([this] { return sink_ != nullptr; }, absl::Seconds(1));
  writer_.Write(Patch("second"));
  bool forgotten = false;
  writer_.Forget("u1", [&forgotten] { forgotten = true; });
  EXPECT_FALSE(forgotten);
  sink_->Send({.status = 503, .body = "{}"});
  ASSERT_TRUE(Settle());
  EXPECT_TRUE(forgotten);
  loop_.RunFor(absl::Minutes(1));
  EXPECT_EQ(server_.requests().size(), 1u) << "neither the second nor another try of the first";
}

TEST_F(StatusWriterTest, ForgetIsAtOnceWhenNothingIsInFlight) {
  int forgotten = 0;
  writer_.Forget("u1", [&forgotten] { ++forgotten; });
  server_.Expect("PATCH", kStatus, Reply(503, "{}"));
  writer_.Write(Patch("x"));
  loop_.RunUntil([this] { return server_.remaining() == 0; }, absl::Seconds(1));
  loop_.RunFor(absl::Milliseconds(10));
  writer_.Forget("u1", [&forgotten] { ++forgotten; });
  EXPECT_EQ(forgotten, 2);
  EXPECT_EQ(writer_.pending(), 0u);
  loop_.RunFor(absl::Minutes(5));
}

TEST_F(StatusWriterTest, FewAreInFlightAtOnce) {
  std::vector<std::shared_ptr<net::ResponseSink>> sinks;
  server_.Otherwise([&sinks](const auto&, auto sink) { sinks.push_back(std::move(sink)); });
  for (int i = 0; i < 100; ++i) {
    kube::PodStatusPatch patch = Patch("x");
    patch.uid = "u" + std::to_string(i);
    writer_.Write(std::move(patch));
  }
  loop_.RunFor(absl::Seconds(1));
  EXPECT_EQ(sinks.size(), StatusWriter::kMaxInFlight);
  EXPECT_EQ(writer_.pending(), 100u);
}

}  // namespace status_writer_test
}  // namespace heat_scheduler
