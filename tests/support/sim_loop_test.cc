#include "tests/support/sim_loop.h"

#include <gtest/gtest.h>

#include <string>

namespace heat_scheduler {
namespace sim_loop_test {

TEST(SimLoop, RunsByTimeThenByOrderAsked) {
  SimLoop loop;
  std::string order;
  loop.RunAfter(absl::Seconds(2), [&] { order += 'c'; });
  loop.RunAfter(absl::Seconds(1), [&] { order += 'a'; });
  loop.RunAfter(absl::Seconds(1), [&] { order += 'b'; });
  loop.Post([&] { order += '0'; });
  loop.RunFor(absl::Seconds(2));
  EXPECT_EQ(order, "0abc");
  EXPECT_EQ(loop.Now().mono, absl::Seconds(2));
  EXPECT_FALSE(loop.Step());
}

TEST(SimLoop, RunForStopsAtItsEnd) {
  SimLoop loop;
  int runs = 0;
  loop.RunAfter(absl::Seconds(3), [&] { ++runs; });
  loop.RunFor(absl::Seconds(2));
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(loop.pending(), 1u);
  loop.RunFor(absl::Seconds(1));
  EXPECT_EQ(runs, 1);
}

TEST(SimLoop, CancelForgetsAndIgnoresUnknownIds) {
  SimLoop loop;
  bool ran = false;
  const net::TimerId id = loop.RunAfter(absl::Seconds(1), [&] { ran = true; });
  loop.Cancel(id);
  loop.Cancel(id);
  loop.Cancel(0);
  loop.RunFor(absl::Seconds(5));
  EXPECT_FALSE(ran);
}

TEST(SimLoop, RunUntilSaysWhetherThePredicateHeld) {
  SimLoop loop;
  int ticks = 0;
  std::function<void()> tick = [&] {
    ++ticks;
    loop.RunAfter(absl::Seconds(1), tick);
  };
  loop.Post(tick);
  EXPECT_TRUE(loop.RunUntil([&] { return ticks == 4; }, absl::Minutes(1)));
  EXPECT_EQ(loop.Now().mono, absl::Seconds(3));
  EXPECT_FALSE(loop.RunUntil([] { return false; }, absl::Seconds(10)));
  EXPECT_EQ(loop.Now().mono, absl::Seconds(13));
}

TEST(SimLoop, AStoppedProcessRunsItsTimersLate) {
  SimLoop loop;
  absl::Duration ran_at;
  loop.RunAfter(absl::Seconds(1), [&] { ran_at = loop.Now().mono; });
  loop.Advance(absl::Minutes(1));
  loop.RunFor(absl::ZeroDuration());
  EXPECT_EQ(ran_at, absl::Minutes(1));
}

TEST(SimLoop, WallClockJumpsAlone) {
  SimLoop loop;
  const Instant start = loop.Now();
  EXPECT_EQ(absl::FormatTime(start.wall, absl::UTCTimeZone()), "2026-01-01T00:00:00+00:00");
  loop.RunFor(absl::Seconds(5));
  loop.JumpWall(-absl::Hours(1));
  EXPECT_EQ(loop.Now().wall - start.wall, absl::Seconds(5) - absl::Hours(1));
  EXPECT_EQ(loop.Now().mono - start.mono, absl::Seconds(5));
}

}  // namespace sim_loop_test
}  // namespace heat_scheduler
