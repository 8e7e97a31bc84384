// The program's log: one line a fact, a constant message with named values, as klog writes them.
//
//   I1121 10:09:00.123456 4711] "Decided" pod="default/web" node="board-1" feasible=3
//   {"ts":"2026-11-21T10:09:00.123456Z","level":"info","msg":"Decided","pod":"default/web",...}
//
// Values are data: quoted, control characters and broken UTF-8 escaped, so that no name can forge a
// line. A line longer than kMaxLogLineBytes is cut. Lines go to standard error through a bounded
// queue and a thread of its own; when the reader is too slow the oldest ones are dropped and
// counted. Before SetUpLogging everything is dropped, which is how tests stay quiet. LogInfo,
// LogWarning and LogError are thread-safe. Source of the text form: k8s.io/klog v2 (header, InfoS).
//
// Verbosity (-v): 0 starts, stops and trouble; 2 every decision and its outcome (the default); 4
// every object that came, every effect, the annotations of nodes, and what plugins say through
// spdlog's default logger; 6 every request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace heat_scheduler {

inline constexpr std::size_t kMaxLogLineBytes = 16 * 1024;

inline constexpr int kLogDecisions = 2;
inline constexpr int kLogDebug = 4;
inline constexpr int kLogRequests = 6;

enum class LogFormat { kText, kJson };
enum class Severity { kInfo, kWarning, kError };

// A value of a line: text, a number or a duration.
class LogValue {
 public:
  LogValue(std::string_view text) : text_(text), quoted_(true) {}          // NOLINT: implicit.
  LogValue(const char* text) : LogValue(std::string_view(text)) {}         // NOLINT: implicit.
  LogValue(const std::string& text) : LogValue(std::string_view(text)) {}  // NOLINT: implicit.
  LogValue(std::size_t number) : text_(std::to_string(number)) {}          // NOLINT: implicit.
  LogValue(int number) : text_(std::to_string(number)) {}                  // NOLINT: implicit.
  LogValue(absl::Duration duration)                                        // NOLINT: implicit.
      : text_(absl::FormatDuration(duration)), quoted_(true) {}

  const std::string& text() const { return text_; }
  bool quoted() const { return quoted_; }

 private:
  std::string text_;
  bool quoted_ = false;
};

struct LogField {
  std::string_view key;
  LogValue value;
};

using LogFields = std::initializer_list<LogField>;

struct LogOptions {
  LogFormat format = LogFormat::kText;
  int verbosity = kLogDecisions;
};

// Starts logging to standard error.
void SetUpLogging(LogOptions options);

// Writes what is queued and ends logging.
void ShutDownLogging();

// Returns true if LogInfo of that verbosity is written: for lines whose making costs something.
bool LogEnabled(int verbosity);

// Writes a line if `verbosity` is at most that of the options.
void LogInfo(int verbosity, std::string_view message, LogFields fields = {});
void LogWarning(std::string_view message, LogFields fields = {});
void LogError(std::string_view message, LogFields fields = {});

// Returns the lines that were dropped so far.
std::size_t LogLinesDropped();

// Returns one line without its newline. `process` is the process's id.
std::string FormatLogLine(LogFormat format, Severity severity, absl::Time time, int process,
                          std::string_view message, LogFields fields);

// Lets one line a minute through, for trouble that repeats. Thread-compatible.
class LogThrottle {
 public:
  // `now` is monotonic.
  bool Allow(absl::Duration now) {
    if (now < next_) return false;
    next_ = now + absl::Minutes(1);
    return true;
  }

 private:
  absl::Duration next_ = -absl::InfiniteDuration();
};

}  // namespace heat_scheduler
