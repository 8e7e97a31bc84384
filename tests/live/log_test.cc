#include "live/log.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spdlog/spdlog.h"

namespace heat_scheduler {
namespace log_test {

using ::testing::EndsWith;
using ::testing::StartsWith;

const absl::Time kTime =
    absl::FromCivil(absl::CivilSecond(2026, 11, 21, 10, 9, 0), absl::UTCTimeZone()) +
    absl::Microseconds(123456);

std::string Text(std::string_view message, LogFields fields) {
  return FormatLogLine(LogFormat::kText, Severity::kInfo, kTime, 4711, message, fields);
}

TEST(LogLine, TextIsKlogs) {
  EXPECT_EQ(Text("Decided", {{"pod", "default/web"}, {"feasible", std::size_t{3}}}),
            "I1121 10:09:00.123456 4711] \"Decided\" pod=\"default/web\" feasible=3");
  EXPECT_THAT(FormatLogLine(LogFormat::kText, Severity::kError, kTime, 1, "x", {}),
              StartsWith("E1121 "));
  EXPECT_THAT(FormatLogLine(LogFormat::kText, Severity::kWarning, kTime, 1, "x", {}),
              StartsWith("W1121 "));
}

TEST(LogLine, JsonIsOneObject) {
  EXPECT_EQ(FormatLogLine(LogFormat::kJson, Severity::kWarning, kTime, 1, "Trouble",
                          {{"pod", "a\"b"}, {"tries", 2}, {"wait", absl::Milliseconds(1500)}}),
            "{\"ts\":\"2026-11-21T10:09:00.123456Z\",\"level\":\"warning\",\"msg\":\"Trouble\","
            "\"pod\":\"a\\\"b\",\"tries\":2,\"wait\":\"1.5s\"}");
}

TEST(LogLine, NamesCannotForgeALine) {
  EXPECT_THAT(Text("Decided", {{"pod", "a\nI1121 forged \"x\"\x1b[2J\x7f"}}),
              EndsWith("pod=\"a\\nI1121 forged \\\"x\\\"\\u001b[2J\\u007f\""));
  EXPECT_THAT(Text("Decided", {{"pod",
                                "\xc2\x85 \xe2\x80\xa8 \xff {} %s 31.5 \xc2\xb0"
                                "C"}}),
              EndsWith("pod=\"\\u0085 \\u2028 \xef\xbf\xbd {} %s 31.5 \xc2\xb0"
                       "C\""));
}

TEST(LogLine, LongLinesAreCut) {
  const std::string long_value(5000, 'x');
  EXPECT_THAT(Text("m", {{"v", long_value}}), EndsWith("xxx...\""));
  const std::string controls(4096, '\x01');
  EXPECT_EQ(Text("m", {{"v", controls}, {"w", controls}}).size(), kMaxLogLineBytes);
  const std::string line = FormatLogLine(LogFormat::kJson, Severity::kInfo, kTime, 1, "m",
                                         {{"pod", "a"}, {"v", controls}, {"w", 1}});
  EXPECT_LE(line.size(), kMaxLogLineBytes);
  EXPECT_EQ(nlohmann::json::parse(line)["cut"], true);
  EXPECT_EQ(nlohmann::json::parse(line)["pod"], "a");
}

TEST(Log, WritesToStandardErrorUpToItsVerbosity) {
  testing::internal::CaptureStderr();
  SetUpLogging({.format = LogFormat::kJson, .verbosity = 2});
  EXPECT_TRUE(LogEnabled(2));
  EXPECT_FALSE(LogEnabled(3));
  LogInfo(2, "seen");
  LogInfo(3, "not seen");
  LogError("{} %d", {{"pod", "{}"}});
  ShutDownLogging();
  LogError("after the end");
  const std::string output = testing::internal::GetCapturedStderr();
  EXPECT_THAT(output, testing::HasSubstr("\"msg\":\"seen\"}\n"));
  EXPECT_THAT(output, EndsWith("\"level\":\"error\",\"msg\":\"{} %d\",\"pod\":\"{}\"}\n"));
  EXPECT_THAT(output, testing::Not(testing::HasSubstr("not seen")));
}

TEST(Log, TakesWhatPluginsSayAtDebugLevel) {
  testing::internal::CaptureStderr();
  for (const int verbosity : {kLogDecisions, kLogDebug}) {
    SetUpLogging({.format = LogFormat::kJson, .verbosity = verbosity});
    spdlog::debug("Heat: node {} at {}", "pi-\"1\"", verbosity);
    ShutDownLogging();
  }
  const std::string output = testing::internal::GetCapturedStderr();
  EXPECT_THAT(output, EndsWith("\"msg\":\"Heat: node pi-\\\"1\\\" at 4\"}\n"));
  EXPECT_THAT(output, testing::Not(testing::HasSubstr("at 2")));
}

TEST(LogThrottle, LetsOneAMinuteThrough) {
  LogThrottle throttle;
  EXPECT_TRUE(throttle.Allow(absl::ZeroDuration()));
  EXPECT_FALSE(throttle.Allow(absl::Seconds(59)));
  EXPECT_TRUE(throttle.Allow(absl::Seconds(60)));
}

}  // namespace log_test
}  // namespace heat_scheduler
