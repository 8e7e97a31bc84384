// Requests that come faster than they can be answered.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "extender/handler.h"
#include "tests/extender/recording_sink.h"
#include "tests/support/sim_loop.h"

namespace heat_scheduler {
namespace line_test {

using Record = RecordingSink::Record;

class Line : public ::testing::Test {
 protected:
  Line() {
    handler_.emplace(loop_, *decoder_, ExtenderProfiles::Create().value(),
                     ExtenderOptions{.max_waiting = 2,
                                     .max_waiting_bytes = 4 * body_.size(),
                                     .on_answer = [this](const auto&) { ++decided_; }});
  }

  std::shared_ptr<Record> Ask(const std::string& body) {
    return Send(*handler_, {.method = "POST", .target = "/filter", .body = body});
  }

  // 0: it waits.
  static int StatusOf(const std::shared_ptr<Record>& record) {
    return record->response.has_value() ? record->response->status : 0;
  }

  const std::string body_ = NodesBody({NodeDocument("a", "40")});
  SimLoop loop_;
  std::unique_ptr<kube::Decoder> decoder_ = kube::MakeJsonDecoder();
  int decided_ = 0;
  std::optional<ExtenderHandler> handler_;
};

TEST_F(Line, OneIsAnsweredInEachTurnAndWhatIsTooMuchAtOnce) {
  std::vector<std::shared_ptr<Record>> asked;
  for (int i = 0; i < 5; ++i) asked.push_back(Ask(body_));
  const auto statuses = [&] {
    std::vector<int> all;
    for (const auto& record : asked) all.push_back(StatusOf(record));
    return all;
  };
  EXPECT_EQ(statuses(), (std::vector<int>{200, 0, 0, 503, 503}));
  loop_.Step();
  EXPECT_EQ(statuses(), (std::vector<int>{200, 200, 0, 503, 503}));
  loop_.Step();
  EXPECT_EQ(statuses(), (std::vector<int>{200, 200, 200, 503, 503}));
  loop_.Step();
  EXPECT_EQ(loop_.pending(), 0u);
  EXPECT_EQ(StatusOf(Ask(body_)), 200);
  EXPECT_EQ(decided_, 4);
}

TEST_F(Line, HoldsNoMoreBytesThanItMay) {
  Ask(body_);
  const auto large = Ask(std::string(3 * body_.size() + 1, ' '));
  const auto second = Ask(body_);
  EXPECT_EQ(StatusOf(large), 0);
  EXPECT_EQ(StatusOf(second), 503);
  loop_.RunFor(absl::ZeroDuration());
  EXPECT_EQ(StatusOf(large), 400);
}

TEST_F(Line, WhoHasWaitedTooLongIsNotKeptWaiting) {
  Ask(body_);
  const auto late = Ask(body_);
  loop_.Advance(absl::Seconds(4) + absl::Milliseconds(1));
  const auto newer = Ask(body_);
  loop_.RunFor(absl::ZeroDuration());
  EXPECT_EQ(StatusOf(late), 503);
  EXPECT_EQ(StatusOf(newer), 200);
  EXPECT_EQ(decided_, 2);
}

TEST_F(Line, WhoHasGoneCostsNothing) {
  Ask(body_);
  const auto gone = Ask(body_);
  const auto next = Ask(body_);
  gone->gone();
  loop_.Step();
  EXPECT_EQ(StatusOf(gone), 0);
  EXPECT_EQ(StatusOf(next), 200);
  EXPECT_EQ(decided_, 2);
}

TEST_F(Line, MayEndWhileSomebodyWaits) {
  Ask(body_);
  const auto waits = Ask(body_);
  handler_.reset();
  EXPECT_EQ(StatusOf(waits), 0);
  EXPECT_EQ(loop_.pending(), 0u);
}

}  // namespace line_test
}  // namespace heat_scheduler
