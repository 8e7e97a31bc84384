#include "live/log.h"

#include <spdlog/async.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "base/utf8.h"

namespace heat_scheduler {
namespace {

constexpr std::size_t kQueuedLines = 8192;
// Of one value. Escaped, a byte may take six, so that a line can still be too long.
constexpr std::size_t kMaxValueBytes = 4096;

// What SetUpLogging made. The pointer is set before threads that log are started, and kept.
struct Logging {
  LogOptions options;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

std::unique_ptr<Logging>& Current() {
  static std::unique_ptr<Logging> current;
  return current;
}

void AppendQuoted(std::string& out, std::string_view text) {
  const std::string_view kept = Utf8Prefix(text, kMaxValueBytes);
  out += '"';
  AppendJsonEscaped(out, kept);
  out += kept.size() < text.size() ? "...\"" : "\"";
}

void AppendValue(std::string& out, const LogValue& value) {
  if (value.quoted()) {
    AppendQuoted(out, value.text());
  } else {
    out += value.text();
  }
}

std::string FormatText(Severity severity, absl::Time time, int process, std::string_view message,
                       LogFields fields) {
  constexpr char kLetters[] = {'I', 'W', 'E'};
  const absl::TimeZone utc = absl::UTCTimeZone();
  std::string line = absl::StrFormat("%c%s %d] ", kLetters[static_cast<int>(severity)],
                                     absl::FormatTime("%m%d %H:%M:%E6S", time, utc), process);
  AppendQuoted(line, message);
  for (const LogField& field : fields) {
    absl::StrAppend(&line, " ", ToAbsl(field.key), "=");
    AppendValue(line, field.value);
  }
  return std::string(Utf8Prefix(line, kMaxLogLineBytes));
}

std::string FormatJson(Severity severity, absl::Time time, std::string_view message,
                       LogFields fields) {
  constexpr std::string_view kNames[] = {"info", "warning", "error"};
  std::string line = absl::StrCat("{\"ts\":\"", FormatRfc3339Micro(time), "\",\"level\":\"",
                                  ToAbsl(kNames[static_cast<int>(severity)]), "\",\"msg\":");
  AppendQuoted(line, message);
  for (const LogField& field : fields) {
    std::string part = absl::StrCat(",\"", ToAbsl(field.key), "\":");
    AppendValue(part, field.value);
    // A field is left out whole where it would be cut in the middle: the line stays JSON.
    if (line.size() + part.size() + sizeof(",\"cut\":true}") > kMaxLogLineBytes) {
      line += ",\"cut\":true";
      break;
    }
    line += part;
  }
  line += '}';
  return line;
}

void Write(Severity severity, std::string_view message, LogFields fields) {
  const Logging* logging = Current().get();
  if (logging == nullptr) return;
  const std::string line = FormatLogLine(logging->options.format, severity,
                                         SystemClock().Now().wall, getpid(), message, fields);
  // The line is the argument: nothing in it is read as a format.
  logging->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

// Takes what plugins say, who know spdlog's default logger alone, as lines of this log.
class PluginLines final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    LogInfo(kLogDebug, std::string_view(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}
};

void TakeLinesOfPlugins(int verbosity) {
  auto logger = std::make_shared<spdlog::logger>("plugins", std::make_shared<PluginLines>());
  logger->set_level(verbosity >= kLogDebug ? spdlog::level::debug : spdlog::level::off);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace

void SetUpLogging(LogOptions options) {
  auto logging = std::make_unique<Logging>();
  logging->options = options;
  logging->pool = std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1);
  logging->logger = std::make_shared<spdlog::async_logger>(
      "", std::make_shared<spdlog::sinks::stderr_sink_mt>(), logging->pool,
      spdlog::async_overflow_policy::overrun_oldest);
  logging->logger->set_pattern("%v");
  logging->logger->flush_on(spdlog::level::info);
  Current() = std::move(logging);
  TakeLinesOfPlugins(options.verbosity);
}

void ShutDownLogging() { Current().reset(); }

bool LogEnabled(int verbosity) {
  const Logging* logging = Current().get();
  return logging != nullptr && verbosity <= logging->options.verbosity;
}

void LogInfo(int verbosity, std::string_view message, LogFields fields) {
  if (LogEnabled(verbosity)) Write(Severity::kInfo, message, fields);
}

void LogWarning(std::string_view message, LogFields fields) {
  Write(Severity::kWarning, message, fields);
}

void LogError(std::string_view message, LogFields fields) {
  Write(Severity::kError, message, fields);
}

std::size_t LogLinesDropped() {
  const Logging* logging = Current().get();
  return logging == nullptr ? 0 : logging->pool->overrun_counter();
}

std::string FormatLogLine(LogFormat format, Severity severity, absl::Time time, int process,
                          std::string_view message, LogFields fields) {
  return format == LogFormat::kJson ? FormatJson(severity, time, message, fields)
                                    : FormatText(severity, time, process, message, fields);
}

}  // namespace heat_scheduler
