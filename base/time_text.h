// Reads and writes times and durations as Kubernetes spells them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace heat_scheduler {

// Returns the time of RFC 3339 text ("2026-11-21T10:09:00Z", "...00.5+01:00"), or nothing.
std::optional<absl::Time> ParseRfc3339(std::string_view text);

// Returns "2026-11-21T10:09:00Z": whole seconds, UTC, as metav1.Time is written.
std::string FormatRfc3339(absl::Time time);

// Returns "2026-11-21T10:09:00.123456Z": microseconds, UTC, as metav1.MicroTime is written.
std::string FormatRfc3339Micro(absl::Time time);

// Returns the duration of Go's text ("1m30s", "250ms", "-1s"), or nothing for anything else, a bare
// number other than 0 included.
std::optional<absl::Duration> ParseDuration(std::string_view text);

// Returns "5s", "3m20s", "2d4h", ...: how kubectl writes an age. Source: k8s.io/apimachinery
// pkg/util/duration (HumanDuration), v0.36.
std::string HumanDuration(absl::Duration duration);

}  // namespace heat_scheduler
