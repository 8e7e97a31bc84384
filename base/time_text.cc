#include "base/time_text.h"

#include "absl/strings/str_cat.h"
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

std::string HumanDuration(absl::Duration duration) {
  const std::int64_t seconds = absl::ToInt64Seconds(duration);
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = seconds / 3600;
  const std::int64_t days = hours / 24;
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return absl::StrCat(seconds, "s");
  // Two units while the larger one is small, then one.
  const auto two = [](std::int64_t large, const char* unit, std::int64_t small,
                      const char* small_unit) {
    return small == 0 ? absl::StrCat(large, unit) : absl::StrCat(large, unit, small, small_unit);
  };
  if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return absl::StrCat(minutes, "m");
  if (hours < 8) return two(hours, "h", minutes % 60, "m");
  if (hours < 48) return absl::StrCat(hours, "h");
  if (hours < 192) return two(days, "d", hours % 24, "h");
  if (days < 730) return absl::StrCat(days, "d");
  if (days < 2920) return two(days / 365, "y", days % 365, "d");
  return absl::StrCat(days / 365, "y");
}

}  // namespace heat_scheduler
