#include "base/time_text.h"

#include "absl/time/time.h"
#include "base/strings.h"

namespace heat_scheduler {

std::optional<absl::Time> ParseRfc3339(std::string_view text) {
  // absl also takes "infinite-future", blanks around the text and a year of more than four digits.
  if (text.size() < 20 || text.front() < '0' || text.front() > '9' || text[4] != '-') {
    return std::nullopt;
  }
  if (text.back() != 'Z' && (text.back() < '0' || text.back() > '9')) return std::nullopt;
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, nullptr)) return std::nullopt;
  return time;
}

std::string FormatRfc3339(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string FormatRfc3339Micro(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

std::optional<absl::Duration> ParseDuration(std::string_view text) {
  absl::Duration duration;
  if (!absl::ParseDuration(ToAbsl(text), &duration)) return std::nullopt;
  if (duration == absl::InfiniteDuration() || duration == -absl::InfiniteDuration()) {
    return std::nullopt;
  }
  return duration;
}

}  // namespace heat_scheduler
