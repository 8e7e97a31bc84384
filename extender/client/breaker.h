// Keeps from calling an extender that does not answer: whoever waits for a time-out each time waits
// for nothing.
//
// After kFailures calls in a row that came to nothing it is not called for kPause; then one call is
// tried, and decides whether it goes on so. Thread-compatible.
#pragma once

#include <string>
#include <utility>

#include "absl/time/time.h"

namespace heat_scheduler {

class Breaker {
 public:
  static constexpr int kFailures = 5;
  static constexpr absl::Duration kPause = absl::Seconds(10);

  // Returns true if a call may be made now; its end is to be noted.
  bool Admit(absl::Duration now) {
    if (failures_ < kFailures) return true;
    if (now < again_at_ || trying_) return false;
    trying_ = true;
    return true;
  }

  void NoteSuccess() {
    failures_ = 0;
    trying_ = false;
  }

  // `why`: for people.
  void NoteFailure(absl::Duration now, std::string why) {
    ++failures_;
    trying_ = false;
    last_failure_ = std::move(why);
    again_at_ = now + kPause;
  }

  bool open() const { return failures_ >= kFailures; }
  const std::string& last_failure() const { return last_failure_; }

 private:
  int failures_ = 0;  // In a row.
  bool trying_ = false;
  absl::Duration again_at_;
  std::string last_failure_;
};

}  // namespace heat_scheduler
