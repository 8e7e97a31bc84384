#include "live/file_watch.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/sim_loop.h"

namespace heat_scheduler {
namespace file_watch_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FileWatchTest : public testing::Test {
 protected:
  SimLoop loop_;
  absl::StatusOr<std::string> in_file_ = std::string("first");
  absl::Status applies_;
  std::vector<std::string> applied_;
  int loads_ = 0;
  FileWatch<std::string> watch_{loop_, "the file", "first",
                                [this] {
                                  ++loads_;
                                  return in_file_;
                                },
                                [this](const std::string& value) {
                                  applied_.push_back(value);
                                  return applies_;
                                }};
};

TEST_F(FileWatchTest, Row43WhatHasChangedIsHandedOnWithinAMinute) {
  loop_.RunFor(absl::Minutes(3));
  EXPECT_GE(loads_, 2);
  EXPECT_THAT(applied_, IsEmpty());
  in_file_ = "second";
  loop_.RunFor(absl::Minutes(1));
  EXPECT_THAT(applied_, ElementsAre("second"));
  loop_.RunFor(absl::Minutes(3));
  EXPECT_THAT(applied_, ElementsAre("second"));
}

TEST_F(FileWatchTest, Row43WhatCannotBeUsedLeavesWhatWasBefore) {
  in_file_ = absl::InvalidArgumentError("half written");
  loop_.RunFor(absl::Minutes(2));
  EXPECT_THAT(applied_, IsEmpty());
  in_file_ = "refused";
  applies_ = absl::InvalidArgumentError("no key for it");
  loop_.RunFor(absl::Minutes(2));
  // Tried again: its other half may have come.
  EXPECT_THAT(applied_, ElementsAre("refused", "refused"));
  applies_ = absl::OkStatus();
  loop_.RunFor(absl::Minutes(3));
  EXPECT_THAT(applied_, ElementsAre("refused", "refused", "refused"));
}

}  // namespace file_watch_test
}  // namespace heat_scheduler
