#include "live/leadership.h"

#include "absl/strings/str_cat.h"

namespace heat_scheduler {

absl::Status Leadership::Check() const {
  const absl::Duration late = clock_.Now().mono - until_;
  if (late < absl::ZeroDuration()) return absl::OkStatus();
  if (late == absl::InfiniteDuration()) {
    return absl::UnavailableError("not sent: this process is not the leader");
  }
  return absl::UnavailableError(
      absl::StrCat("not sent: leadership was not renewed in time, the deadline passed ",
                   absl::FormatDuration(absl::Trunc(late, absl::Milliseconds(1))), " ago"));
}

}  // namespace heat_scheduler
