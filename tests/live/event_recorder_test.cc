#include "live/event_recorder.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/live/fixture.h"

namespace heat_scheduler {
namespace event_recorder_test {

using nlohmann::json;
using ::testing::MatchesRegex;

constexpr char kEvents[] = "/apis/events.k8s.io/v1/namespaces/default/events";

class EventRecorderTest : public ScriptedApiTest {
 protected:
  EventRecorderTest() {
    recorder_.emplace(loop_, api_, metrics_, "host-1", 3, 1);
    server_.Otherwise(
        [this](const auto&, auto sink) { sink->Send({.status = status_, .body = "{}"}); });
  }

  static EventEffect Effect(const std::string& note, const std::string& pod = "web") {
    return {.pod = {"default", pod, "uid-" + pod},
            .type = "Warning",
            .reason = "FailedScheduling",
            .action = "Scheduling",
            .note = note,
            .scheduler_name = "heat-scheduler"};
  }

  json Body(std::size_t request) const { return json::parse(server_.requests().at(request).body); }

  int status_ = 201;
  std::optional<EventRecorder> recorder_;
};

TEST_F(EventRecorderTest, WritesWhatHappened) {
  recorder_->Record(Effect("0/1 nodes are available"));
  loop_.RunFor(absl::Seconds(1));
  ASSERT_EQ(server_.requests().size(), 1u);
  EXPECT_EQ(server_.requests()[0].method, "POST");
  EXPECT_EQ(server_.requests()[0].target, kEvents);
  const json body = Body(0);
  EXPECT_THAT(body["metadata"]["name"].get<std::string>(), MatchesRegex("web\\.[0-9a-f]{16}"));
  EXPECT_EQ(body["metadata"]["namespace"], "default");
  EXPECT_EQ(body["regarding"]["kind"], "Pod");
  EXPECT_EQ(body["regarding"]["uid"], "uid-web");
  EXPECT_EQ(body["reason"], "FailedScheduling");
  EXPECT_EQ(body["action"], "Scheduling");
  EXPECT_EQ(body["type"], "Warning");
  EXPECT_EQ(body["note"], "0/1 nodes are available");
  EXPECT_EQ(body["reportingController"], "heat-scheduler");
  EXPECT_EQ(body["reportingInstance"], "heat-scheduler-host-1");
  EXPECT_EQ(body["eventTime"], "2026-01-01T00:00:00.000000Z");
  EXPECT_FALSE(body.contains("series"));
  EXPECT_EQ(metrics_.events.Get({"written"}), 1);
}

TEST_F(EventRecorderTest, LongNamesAreCut) {
  recorder_->Record(Effect("note", std::string(253, 'p')));
  loop_.RunFor(absl::Seconds(1));
  EXPECT_EQ(Body(0)["metadata"]["name"].get<std::string>().size(), 253u);
}

TEST_F(EventRecorderTest, ACutNameStillEndsInALetterOrDigit) {
  recorder_->Record(Effect("note", std::string(234, 'p') + ".-" + std::string(17, 'q')));
  loop_.RunFor(absl::Seconds(1));
  EXPECT_THAT(Body(0)["metadata"]["name"].get<std::string>(),
              MatchesRegex(std::string(234, 'p') + "\\.[0-9a-f]+"));
}

TEST_F(EventRecorderTest, RepeatsBecomeASeriesWrittenOnceAMinute) {
  recorder_->Record(Effect("n"));
  loop_.RunFor(absl::Seconds(1));
  const std::string name = Body(0)["metadata"]["name"];
  recorder_->Record(Effect("n"));
  loop_.RunFor(absl::Seconds(1));
  ASSERT_EQ(server_.requests().size(), 2u);
  EXPECT_EQ(server_.requests()[1].method, "PATCH");
  EXPECT_EQ(server_.requests()[1].target, std::string(kEvents) + "/" + name);
  EXPECT_EQ(Body(1)["series"]["count"], 2);
  EXPECT_EQ(Body(1)["series"]["lastObservedTime"], "2026-01-01T00:00:01.000000Z");
  for (int i = 0; i < 20; ++i) {
    recorder_->Record(Effect("n"));
    loop_.RunFor(absl::Seconds(1));
  }
  EXPECT_EQ(server_.requests().size(), 2u);
  loop_.RunFor(absl::Minutes(2));
  ASSERT_EQ(server_.requests().size(), 3u);
  EXPECT_EQ(Body(2)["series"]["count"], 22);
  EXPECT_EQ(metrics_.events.Get({"aggregated"}), 21);
}

TEST_F(EventRecorderTest, AnotherNoteIsAnotherEvent) {
  recorder_->Record(Effect("Insufficient cpu"));
  recorder_->Record(Effect("Insufficient memory"));
  loop_.RunFor(absl::Seconds(1));
  ASSERT_EQ(server_.requests().size(), 2u);
  EXPECT_NE(Body(0)["metadata"]["name"], Body(1)["metadata"]["name"]);
}

TEST_F(EventRecorderTest, ASeriesEndsAfterSixQuietMinutes) {
  recorder_->Record(Effect("n"));
  loop_.RunFor(absl::Minutes(6));
  recorder_->Record(Effect("n"));
  loop_.RunFor(absl::Seconds(1));
  ASSERT_EQ(server_.requests().size(), 2u);
  EXPECT_EQ(server_.requests()[1].method, "POST");
}

TEST_F(EventRecorderTest, ARepeatDuringTheFirstWriteIsWrittenAfterIt) {
  std::shared_ptr<net::ResponseSink> first;
  server_.Expect("POST", kEvents, [&first](const auto&, auto sink) { first = std::move(sink); });
  recorder_->Record(Effect("n"));
  recorder_->Record(Effect("n"));
  recorder_->Record(Effect("n"));
  loop_.RunFor(absl::Seconds(1));
  ASSERT_EQ(server_.requests().size(), 1u);
  first->Send({.status = 201, .body = "{}"});
  loop_.RunFor(absl::Seconds(1));
  ASSERT_EQ(server_.requests().size(), 2u);
  EXPECT_EQ(Body(1)["series"]["count"], 3);
}

TEST_F(EventRecorderTest, OnePodCannotFloodTheServer) {
  for (int i = 0; i < 100; ++i) recorder_->Record(Effect("note " + std::to_string(i)));
  recorder_->Record(Effect("n", "other"));
  loop_.RunFor(absl::Seconds(10));
  EXPECT_EQ(server_.requests().size(), 26u);
  EXPECT_EQ(metrics_.events.Get({"dropped"}), 75);
  loop_.RunFor(absl::Minutes(5));
  recorder_->Record(Effect("after five minutes"));
  recorder_->Record(Effect("too many again"));
  loop_.RunFor(absl::Seconds(10));
  EXPECT_EQ(server_.requests().size(), 27u);
}

TEST_F(EventRecorderTest, TheQueueIsBoundedAndFewAreInFlight) {
  std::vector<std::shared_ptr<net::ResponseSink>> sinks;
  server_.Otherwise([&sinks](const auto&, auto sink) { sinks.push_back(std::move(sink)); });
  for (int i = 0; i < 2000; ++i) recorder_->Record(Effect("n", "web-" + std::to_string(i)));
  loop_.RunFor(absl::Seconds(1));
  EXPECT_EQ(sinks.size(), 3u);
  EXPECT_EQ(recorder_->pending(), EventRecorder::kMaxQueued + 3);
  EXPECT_EQ(metrics_.events.Get({"dropped"}), 2000 - 1003);
}

TEST_F(EventRecorderTest, ALostReplyMakesNoSecondEvent) {
  server_.Expect("POST", kEvents, Reply(500, "{}"));
  server_.Expect("POST", kEvents, Reply(409, StatusBody(409, "AlreadyExists", "exists")));
  recorder_->Record(Effect("n"));
  loop_.RunFor(absl::Minutes(1));
  ASSERT_EQ(server_.requests().size(), 2u);
  EXPECT_EQ(Body(0)["metadata"]["name"], Body(1)["metadata"]["name"]);
  EXPECT_EQ(metrics_.events.Get({"written"}), 1);
}

TEST_F(EventRecorderTest, Row42RefusedIsCountedAndTheNextIsANewEvent) {
  status_ = 403;
  recorder_->Record(Effect("n"));
  loop_.RunFor(absl::Seconds(1));
  EXPECT_EQ(metrics_.events.Get({"refused"}), 1);
  EXPECT_EQ(recorder_->pending(), 0u);
  status_ = 201;
  recorder_->Record(Effect("n"));
  loop_.RunFor(absl::Seconds(1));
  ASSERT_EQ(server_.requests().size(), 2u);
  EXPECT_EQ(server_.requests()[1].method, "POST");
}

TEST_F(EventRecorderTest, AServerThatStaysAwayCostsFiveTries) {
  status_ = 503;
  recorder_->Record(Effect("n"));
  loop_.RunFor(absl::Minutes(30));
  EXPECT_EQ(server_.requests().size(), 5u);
  EXPECT_EQ(metrics_.events.Get({"dropped"}), 1);
}

TEST_F(EventRecorderTest, TheEndIsQuiet) {
  recorder_->Record(Effect("n"));
  recorder_.reset();
  loop_.RunFor(absl::Minutes(1));
  EXPECT_TRUE(server_.requests().empty());
}

}  // namespace event_recorder_test
}  // namespace heat_scheduler
