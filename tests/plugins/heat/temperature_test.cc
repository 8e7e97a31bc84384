#include "plugins/heat/temperature.h"

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace heat_scheduler {
namespace temperature_test {

// ---- Text ----

struct TextRow {
  std::string name;
  std::string text;
  std::optional<double> expected;
};

class ParseCelsiusTest : public testing::TestWithParam<TextRow> {};

TEST_P(ParseCelsiusTest, Reads) { EXPECT_EQ(ParseCelsius(GetParam().text), GetParam().expected); }

const std::optional<double> kNone;

INSTANTIATE_TEST_SUITE_P(Table, ParseCelsiusTest,
                         testing::ValuesIn(std::vector<TextRow>{
                             {"Whole", "45", 45},
                             {"Decimal", "50.4", 50.4},
                             {"Negative", "-4.25", -4.25},
                             {"NegativeZero", "-0", 0},
                             {"Exponent", "4.5e1", 45},
                             {"CapitalExponent", "45E0", 45},
                             {"NegativeExponent", "450e-1", 45},
                             {"NoDigitsBefore", ".5", 0.5},
                             {"NoDigitsAfter", "5.", 5},
                             {"LeadingZeros", "0045", 45},
                             {"Tiny", "1e-300", 1e-300},
                             {"LowestReading", "-50", -50},
                             {"HighestReading", "150", 150},
                             {"LongButShortEnough", "45." + std::string(61, '0'), 45},
                             {"BelowLowest", "-50.001", kNone},
                             {"AboveHighest", "150.001", kNone},
                             {"BelowAbsoluteZero", "-273.16", kNone},
                             {"Million", "1000000", kNone},
                             {"MilliDegrees", "45000", kNone},
                             {"Empty", "", kNone},
                             {"Blank", " ", kNone},
                             {"NaN", "NaN", kNone},
                             {"NanWithPayload", "nan(1)", kNone},
                             {"Inf", "Inf", kNone},
                             {"MinusInf", "-Inf", kNone},
                             {"Infinity", "infinity", kNone},
                             {"Overflow", "1e400", kNone},
                             {"MinusOverflow", "-1e400", kNone},
                             {"Underflow", "1e-400", kNone},
                             {"LeadingPlus", "+45", kNone},
                             {"TwoSigns", "--45", kNone},
                             {"Hexadecimal", "0x1p3", kNone},
                             {"Underscore", "4_5", kNone},
                             {"BlankBefore", " 45", kNone},
                             {"BlankAfter", "45 ", kNone},
                             {"Unit", "45C", kNone},
                             {"Comma", "45,5", kNone},
                             {"ArabicDigits", "\u0664\u0665", kNone},
                             {"FullwidthDigits", "\uff14\uff15", kNone},
                             {"Newline", "45\n", kNone},
                             {"Nul", std::string("45\0", 3), kNone},
                             {"NulFirst",
                              std::string("\0"
                                          "45",
                                          3),
                              kNone},
                             {"ExponentWithoutDigits", "45e", kNone},
                             {"PointAlone", ".", kNone},
                             {"MinusAlone", "-", kNone},
                             {"TwoPoints", "4.5.1", kNone},
                             {"Json", "{\"temp\":45}", kNone},
                             {"Words", "illigal", kNone},
                             {"TooLong", "45." + std::string(62, '0'), kNone},
                             {"QuarterMebibyteOfDigits", std::string(256 * 1024, '1'), kNone},
                             {"QuarterMebibyteOfZeros", std::string(256 * 1024, '0'), kNone},
                         }),
                         [](const auto& row) { return row.param.name; });

TEST(ParseCelsius, KeepsMoreThanSinglePrecision) {
  EXPECT_LT(*ParseCelsius("50.4"), *ParseCelsius("50.9"));
  EXPECT_LT(*ParseCelsius("50.40000001"), *ParseCelsius("50.40000002"));
}

TEST(FormatCelsius, IsTheShortestTextThatReadsBack) {
  EXPECT_EQ(FormatCelsius(31.5), "31.5 C");
  EXPECT_EQ(FormatCelsius(70), "70 C");
  EXPECT_EQ(FormatCelsius(-0.1), "-0.1 C");
}

RC_GTEST_PROP(FormatCelsius, ReadsBack, ()) {
  const double celsius = *rc::gen::inRange(-50'000, 150'001) / 1000.0;
  const std::string text = FormatCelsius(celsius);
  RC_ASSERT(ParseCelsius(text.substr(0, text.size() - 2)) == std::optional(celsius));
}

// ---- Score ----

struct ScoreRow {
  std::string name;
  double celsius;
  std::int64_t expected;
};

class ScoreOfCelsiusTest : public testing::TestWithParam<ScoreRow> {};

TEST_P(ScoreOfCelsiusTest, FollowsTheCurve) {
  EXPECT_EQ(ScoreOfCelsius(GetParam().celsius, 20, 80), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Table, ScoreOfCelsiusTest,
                         testing::ValuesIn(std::vector<ScoreRow>{
                             {"Coldest", -50, 100},
                             {"Cold", 20, 100},
                             {"JustAboveCold", 20.0001, 99},
                             {"OneDegreeAboveCold", 21, 98},  // 98.35
                             {"Lukewarm", 40, 67},
                             {"Middle", 50, 50},  // 50.5
                             {"Warm", 60, 34},
                             {"JustBelowHot", 79.9999, 1},
                             {"Hot", 80, 1},
                             {"Hottest", 150, 1},
                         }),
                         [](const auto& row) { return row.param.name; });

RC_GTEST_PROP(ScoreOfCelsius, NeverRisesWithTheTemperature, ()) {
  const double cold = *rc::gen::inRange(-50'000, 149'999) / 1000.0;
  const double hot = *rc::gen::inRange(static_cast<int>(cold * 1000) + 2, 150'001) / 1000.0;
  const double a = *rc::gen::inRange(-50'000, 150'001) / 1000.0;
  const double b = *rc::gen::inRange(-50'000, 150'001) / 1000.0;
  const std::int64_t cooler = ScoreOfCelsius(std::min(a, b), cold, hot);
  const std::int64_t hotter = ScoreOfCelsius(std::max(a, b), cold, hot);
  RC_ASSERT(cooler >= hotter);
  RC_ASSERT(cooler <= 100);
  RC_ASSERT(hotter >= 1);
}

}  // namespace temperature_test
}  // namespace heat_scheduler
