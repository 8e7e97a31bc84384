#include "live/evictor.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/live/fixture.h"

namespace heat_scheduler {
namespace evictor_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kStatus[] = "/api/v1/namespaces/default/pods/web/status";
constexpr char kPod[] = "/api/v1/namespaces/default/pods/web";
constexpr char kPodBody[] =
    R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"default","uid":"u1"},)"
    R"("spec":{"containers":[]}})";

class EvictorTest : public ScriptedApiTest {
 protected:
  void Evict() { evictor_.Evict({{"default", "web", "u1"}, {"default", "p", "u2"}, "make room"}); }
  bool Settle() {
    return loop_.RunUntil([this] { return evictor_.pending() == 0; }, absl::Minutes(10));
  }

  static const char* Said(EvictReply::Outcome outcome) {
    if (outcome == EvictReply::Outcome::kEvicted) return " evicted";
    return outcome == EvictReply::Outcome::kGone ? " gone" : " failed";
  }

  std::vector<std::string> replies_;
  Evictor evictor_{loop_, api_, metrics_, 1, [this](const EvictReply& reply) {
                     replies_.push_back(reply.victim.name + " for " + reply.preemptor.name +
                                        Said(reply.outcome));
                   }};
};

TEST_F(EvictorTest, MarksThePodThenDeletesIt) {
  server_.Expect("PATCH", kStatus, Reply(200, kPodBody));
  server_.Expect("DELETE", kPod, Reply(200, kPodBody));
  Evict();
  EXPECT_TRUE(replies_.empty());
  ASSERT_TRUE(Settle());
  EXPECT_THAT(replies_, ElementsAre("web for p evicted"));
  EXPECT_THAT(server_.requests()[0].body, HasSubstr(R"("type":"DisruptionTarget")"));
  EXPECT_THAT(server_.requests()[0].body, HasSubstr(R"("reason":"PreemptionByScheduler")"));
  EXPECT_THAT(server_.requests()[0].body, HasSubstr(R"("message":"make room")"));
  EXPECT_THAT(server_.requests()[0].body, HasSubstr(R"("uid":"u1")"));
  EXPECT_THAT(server_.requests()[1].body, HasSubstr(R"("preconditions":{"uid":"u1"})"));
  EXPECT_EQ(metrics_.evictions.Get({"evicted"}), 1);
}

TEST_F(EvictorTest, APodThatIsGoneHasLeftByItself) {
  server_.Expect("PATCH", kStatus, Reply(404, StatusBody(404, "NotFound", "gone")));
  Evict();
  ASSERT_TRUE(Settle());
  EXPECT_THAT(replies_, ElementsAre("web for p gone"));
  EXPECT_EQ(metrics_.evictions.Get({"gone"}), 1);
}

TEST_F(EvictorTest, APodThatIsMarkedAlreadyIsDeletedOnly) {
  server_.Expect("DELETE", kPod, Reply(200, kPodBody));
  evictor_.Evict({{"default", "web", "u1"}, {"default", "p", "u2"}, "make room", true});
  ASSERT_TRUE(Settle());
  EXPECT_THAT(replies_, ElementsAre("web for p evicted"));
  EXPECT_EQ(server_.requests().size(), 1u);
}

// The first deletion was carried out, and its answer lost.
TEST_F(EvictorTest, APodThatIsGoneAfterADeletionWithoutAnAnswerWasEvicted) {
  server_.Expect("PATCH", kStatus, Reply(200, kPodBody));
  server_.Expect("DELETE", kPod, Reply(504, StatusBody(504, "Timeout", "late")));
  server_.Expect("DELETE", kPod, Reply(404, StatusBody(404, "NotFound", "gone")));
  Evict();
  ASSERT_TRUE(Settle());
  EXPECT_THAT(replies_, ElementsAre("web for p evicted"));
}

TEST_F(EvictorTest, APodThatGoesBetweenTheStepsHasLeftByItself) {
  server_.Expect("PATCH", kStatus, Reply(200, kPodBody));
  server_.Expect("DELETE", kPod, Reply(404, StatusBody(404, "NotFound", "gone")));
  Evict();
  ASSERT_TRUE(Settle());
  EXPECT_THAT(replies_, ElementsAre("web for p gone"));
}

TEST_F(EvictorTest, AnotherPodOfTheNameIsLeftAlone) {
  server_.Expect("PATCH", kStatus, Reply(409, StatusBody(409, "Conflict", "another UID")));
  Evict();
  ASSERT_TRUE(Settle());
  EXPECT_THAT(replies_, ElementsAre("web for p failed"));
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(EvictorTest, AStepWithoutAnAnswerIsTriedAgain) {
  server_.Expect("PATCH", kStatus, Reply(503, StatusBody(503, "ServiceUnavailable", "away")));
  server_.Expect("PATCH", kStatus, Reply(200, kPodBody));
  server_.Expect("DELETE", kPod, Reply(503, StatusBody(503, "ServiceUnavailable", "away")));
  server_.Expect("DELETE", kPod, Reply(200, kPodBody));
  Evict();
  ASSERT_TRUE(Settle());
  EXPECT_THAT(replies_, ElementsAre("web for p evicted"));
}

TEST_F(EvictorTest, AServerThatStaysAwayFailsTheEviction) {
  for (int i = 0; i < Evictor::kMaxTries; ++i) {
    server_.Expect("PATCH", kStatus, Reply(503, StatusBody(503, "ServiceUnavailable", "away")));
  }
  Evict();
  ASSERT_TRUE(Settle());
  EXPECT_THAT(replies_, ElementsAre("web for p failed"));
  EXPECT_EQ(metrics_.evictions.Get({"failed"}), 1);
}

}  // namespace evictor_test
}  // namespace heat_scheduler
