#include "live/leadership.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/sim_loop.h"

namespace heat_scheduler {
namespace leadership_test {

TEST(Leadership, IsHeldUpToItsDeadlineByTheMonotonicClock) {
  SimLoop clock;
  Leadership leadership(clock);
  EXPECT_FALSE(leadership.held());
  EXPECT_EQ(std::string(leadership.Check().message()), "not sent: this process is not the leader");
  leadership.HoldUntil(absl::Seconds(10));
  clock.JumpWall(absl::Hours(1));
  clock.Advance(absl::Seconds(10) - absl::Nanoseconds(1));
  EXPECT_TRUE(leadership.held());
  EXPECT_TRUE(leadership.Check().ok());
  clock.JumpWall(-absl::Hours(2));
  clock.Advance(absl::Nanoseconds(1));
  EXPECT_FALSE(leadership.held());
  clock.Advance(absl::Milliseconds(2500));
  EXPECT_EQ(leadership.Check(),
            absl::UnavailableError("not sent: leadership was not renewed in time, the deadline "
                                   "passed 2.5s ago"));
}

TEST(Leadership, IsGivenUpAndHeldAnew) {
  SimLoop clock;
  Leadership leadership(clock);
  leadership.HoldUntil(absl::Seconds(10));
  leadership.GiveUp();
  EXPECT_FALSE(leadership.held());
  leadership.HoldUntil(absl::Seconds(20));
  EXPECT_TRUE(leadership.held());
}

}  // namespace leadership_test
}  // namespace heat_scheduler
