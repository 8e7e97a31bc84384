#include "base/time_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace heat_scheduler {
namespace time_text_test {

// 2026-11-21T10:09:00Z.
const absl::Time kTime = absl::FromUnixSeconds(1795255740);

struct TimeRow {
  std::string name;
  std::string text;
  std::optional<absl::Time> expected;
};

void PrintTo(const TimeRow& row, std::ostream* out) { *out << row.name; }

class Rfc3339 : public testing::TestWithParam<TimeRow> {};

TEST_P(Rfc3339, IsReadWholeOrNotAtAll) {
  EXPECT_EQ(ParseRfc3339(GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Rfc3339,
    testing::Values(TimeRow{"Utc", "2026-11-21T10:09:00Z", kTime},
                    TimeRow{"Fraction", "2026-11-21T10:09:00.5Z", kTime + absl::Milliseconds(500)},
                    TimeRow{"Micros", "2026-11-21T10:09:00.000001Z", kTime + absl::Microseconds(1)},
                    TimeRow{"East", "2026-11-21T11:09:00+01:00", kTime},
                    TimeRow{"West", "2026-11-21T04:39:00-05:30", kTime},
                    TimeRow{"Year1", "0001-01-01T00:00:00Z", absl::FromUnixSeconds(-62135596800)},
                    TimeRow{"Empty", "", std::nullopt},
                    TimeRow{"DateOnly", "2026-11-21", std::nullopt},
                    TimeRow{"NoZone", "2026-11-21T10:09:00", std::nullopt},
                    TimeRow{"Month13", "2026-13-21T10:09:00Z", std::nullopt},
                    TimeRow{"February30", "2026-02-30T10:09:00Z", std::nullopt},
                    TimeRow{"Hour25", "2026-11-21T25:09:00Z", std::nullopt},
                    TimeRow{"TrailingBlank", "2026-11-21T10:09:00Z ", std::nullopt},
                    TimeRow{"LeadingBlank", " 2026-11-21T10:09:00Z", std::nullopt},
                    TimeRow{"LongYear", "12026-11-21T10:09:00Z", std::nullopt},
                    TimeRow{"NegativeYear", "-2026-11-21T10:09:00Z", std::nullopt},
                    TimeRow{"Infinite", "infinite-future-and-more", std::nullopt},
                    TimeRow{"Number", "1795255740.00000000000", std::nullopt}),
    [](const auto& row) { return row.param.name; });

TEST(TimeText, IsWrittenInUtc) {
  EXPECT_EQ(FormatRfc3339(kTime + absl::Milliseconds(999)), "2026-11-21T10:09:00Z");
  EXPECT_EQ(FormatRfc3339Micro(kTime), "2026-11-21T10:09:00.000000Z");
  EXPECT_EQ(FormatRfc3339Micro(kTime + absl::Nanoseconds(123456789)),
            "2026-11-21T10:09:00.123456Z");
}

RC_GTEST_PROP(TimeText, RoundTripsToTheMicrosecond, ()) {
  // The years 1 to 9999.
  const std::int64_t micros =
      *rc::gen::inRange<std::int64_t>(-62'135'596'800'000'000, 253'402'300'800'000'000);
  const absl::Time time = absl::FromUnixMicros(micros);
  RC_ASSERT(ParseRfc3339(FormatRfc3339Micro(time)) == time);
}

TEST(Durations, AreThoseOfGo) {
  EXPECT_EQ(ParseDuration("1m30s"), absl::Seconds(90));
  EXPECT_EQ(ParseDuration("250ms"), absl::Milliseconds(250));
  EXPECT_EQ(ParseDuration("1h1s1ms"), absl::Milliseconds(3'601'001));
  EXPECT_EQ(ParseDuration("-1s"), -absl::Seconds(1));
  EXPECT_EQ(ParseDuration("1.5h"), absl::Minutes(90));
  EXPECT_EQ(ParseDuration("0"), absl::ZeroDuration());
  for (const char* text : {"", "10", "1y", "1d", "s", "1 s", "inf", "-inf", "1s ", "1s2"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

struct AgeCase {
  const char* name;
  int seconds;
  const char* text;
};

class HumanDurations : public ::testing::TestWithParam<AgeCase> {};

TEST_P(HumanDurations, AreKubectls) {
  EXPECT_EQ(HumanDuration(absl::Seconds(GetParam().seconds)), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HumanDurations,
    ::testing::Values(AgeCase{"Future", -10, "<invalid>"}, AgeCase{"Now", 0, "0s"},
                      AgeCase{"Seconds", 119, "119s"}, AgeCase{"Minutes", 120, "2m"},
                      AgeCase{"MinutesSeconds", 125, "2m5s"}, AgeCase{"TenMinutes", 605, "10m"},
                      AgeCase{"Hours", 3 * 3600 + 120, "3h2m"}, AgeCase{"TenHours", 36'060, "10h"},
                      AgeCase{"Days", 50 * 3600, "2d2h"}, AgeCase{"ManyDays", 86400 * 30, "30d"},
                      AgeCase{"Years", 86400 * 731, "2y1d"}),
    [](const auto& row) { return row.param.name; });

}  // namespace time_text_test
}  // namespace heat_scheduler
