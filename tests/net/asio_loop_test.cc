#include "net/asio_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <thread>
#include <vector>

namespace heat_scheduler::net {
namespace asio_loop_test {

constexpr absl::Duration kLimit = absl::Seconds(20);

TEST(AsioLoop, RunsTimersByTimeThenInOrderOfAsking) {
  AsioLoop loop;
  std::vector<int> order;
  loop.RunAfter(absl::Milliseconds(20), [&] { order.push_back(3); });
  loop.RunAfter(absl::ZeroDuration(), [&] { order.push_back(1); });
  loop.RunAfter(-absl::Seconds(1), [&] { order.push_back(2); });
  EXPECT_TRUE(order.empty());
  ASSERT_TRUE(loop.RunUntil([&] { return order.size() == 3; }, kLimit));
  EXPECT_THAT(order, testing::ElementsAre(1, 2, 3));
}

TEST(AsioLoop, NeverRunsATimerTooEarly) {
  AsioLoop loop;
  const absl::Duration start = loop.Now().mono;
  absl::Duration ran;
  loop.RunAfter(absl::Milliseconds(30), [&] { ran = loop.Now().mono; });
  ASSERT_TRUE(loop.RunUntil([&] { return ran != absl::ZeroDuration(); }, kLimit));
  EXPECT_GE(ran - start, absl::Milliseconds(30));
}

TEST(AsioLoop, ForgetsCancelledTimers) {
  AsioLoop loop;
  bool cancelled_ran = false;
  bool later_ran = false;
  const TimerId cancelled = loop.RunAfter(absl::Milliseconds(1), [&] { cancelled_ran = true; });
  loop.RunAfter(absl::Milliseconds(5), [&] { later_ran = true; });
  loop.Cancel(cancelled);
  loop.Cancel(cancelled);
  loop.Cancel(0);
  loop.Cancel(12345);
  ASSERT_TRUE(loop.RunUntil([&] { return later_ran; }, kLimit));
  EXPECT_FALSE(cancelled_ran);
}

TEST(AsioLoop, ATimerMayCancelAnotherThatIsDue) {
  AsioLoop loop;
  TimerId second = 0;
  bool second_ran = false;
  bool last_ran = false;
  loop.RunAfter(absl::ZeroDuration(), [&] { loop.Cancel(second); });
  second = loop.RunAfter(absl::ZeroDuration(), [&] { second_ran = true; });
  loop.RunAfter(absl::Milliseconds(1), [&] { last_ran = true; });
  ASSERT_TRUE(loop.RunUntil([&] { return last_ran; }, kLimit));
  EXPECT_FALSE(second_ran);
}

TEST(AsioLoop, TimersThatRenewThemselvesStarveNobody) {
  AsioLoop loop;
  int renewals = 0;
  bool posted_ran = false;
  const std::function<void()> renew = [&] {
    if (++renewals == 1) loop.Post([&] { posted_ran = true; });
    loop.RunAfter(absl::ZeroDuration(), renew);
  };
  loop.RunAfter(absl::ZeroDuration(), renew);
  EXPECT_TRUE(loop.RunUntil([&] { return posted_ran; }, kLimit));
}

TEST(AsioLoop, AnInfiniteDelayNeverComes) {
  AsioLoop loop;
  bool never = false;
  loop.RunAfter(absl::InfiniteDuration(), [&] { never = true; });
  EXPECT_FALSE(loop.RunUntil([&] { return never; }, absl::Milliseconds(10)));
}

TEST(AsioLoop, RunsWhatOtherThreadsPostInOrder) {
  AsioLoop loop;
  std::vector<int> order;
  std::thread other([&loop, &order] {
    for (int i = 0; i < 100; ++i) loop.Post([&order, i] { order.push_back(i); });
  });
  EXPECT_TRUE(loop.RunUntil([&] { return order.size() == 100; }, kLimit));
  other.join();
  std::vector<int> expected(100);
  for (int i = 0; i < 100; ++i) expected[static_cast<std::size_t>(i)] = i;
  EXPECT_EQ(order, expected);
}

TEST(AsioLoop, StopEndsRunAndRunGoesOnAfterwards) {
  AsioLoop loop;
  int ran = 0;
  loop.Post([&] {
    ++ran;
    loop.Stop();
  });
  loop.Post([&] {
    ++ran;
    loop.Stop();
  });
  loop.Run();
  EXPECT_EQ(ran, 1);
  loop.Run();
  EXPECT_EQ(ran, 2);
}

TEST(AsioLoop, Row45HandsOnSignalsAndSurvivesSigpipe) {
  AsioLoop loop;
  std::vector<int> signals;
  loop.OnSignal([&](int signal) { signals.push_back(signal); });
  std::raise(SIGPIPE);
  std::raise(SIGTERM);
  ASSERT_TRUE(loop.RunUntil([&] { return signals.size() == 1; }, kLimit));
  std::raise(SIGINT);
  ASSERT_TRUE(loop.RunUntil([&] { return signals.size() == 2; }, kLimit));
  std::raise(SIGHUP);
  ASSERT_TRUE(loop.RunUntil([&] { return signals.size() == 3; }, kLimit));
  EXPECT_THAT(signals, testing::ElementsAre(SIGTERM, SIGINT, SIGHUP));
}

TEST(AsioLoop, DropsWhatItHoldsWhenDestroyed) {
  const auto held = std::make_shared<int>(1);
  {
    AsioLoop loop;
    loop.RunAfter(absl::Hours(1), [held] {});
    loop.Post([held] {});
    EXPECT_EQ(held.use_count(), 3);
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace asio_loop_test
}  // namespace heat_scheduler::net
