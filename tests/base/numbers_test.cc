#include "base/numbers.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace heat_scheduler {
namespace numbers_test {

struct DoubleRow {
  std::string name;
  std::string text;
  std::optional<double> expected;
};

void PrintTo(const DoubleRow& row, std::ostream* out) { *out << row.name; }

class Doubles : public testing::TestWithParam<DoubleRow> {};

TEST_P(Doubles, AreReadWholeOrNotAtAll) {
  EXPECT_EQ(ParseDouble(GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Doubles,
    testing::Values(
        DoubleRow{"Whole", "45", 45.0}, DoubleRow{"Fraction", "-1.5", -1.5},
        DoubleRow{"Exponent", "2e3", 2000.0}, DoubleRow{"NoWhole", ".5", 0.5},
        DoubleRow{"Tiny", "5e-324", 5e-324}, DoubleRow{"Empty", "", std::nullopt},
        DoubleRow{"Blank", " ", std::nullopt}, DoubleRow{"LeadingBlank", " 45", std::nullopt},
        DoubleRow{"TrailingBlank", "45 ", std::nullopt}, DoubleRow{"LineEnd", "45\n", std::nullopt},
        DoubleRow{"Nul", std::string("45\0", 3), std::nullopt},
        DoubleRow{"Unit", "45C", std::nullopt}, DoubleRow{"Comma", "45,5", std::nullopt},
        DoubleRow{"Plus", "+45", std::nullopt}, DoubleRow{"Underscore", "4_5", std::nullopt},
        DoubleRow{"Hex", "0x1p3", std::nullopt}, DoubleRow{"Nan", "NaN", std::nullopt},
        DoubleRow{"NanPayload", "nan(1)", std::nullopt}, DoubleRow{"Inf", "Inf", std::nullopt},
        DoubleRow{"NegativeInf", "-Inf", std::nullopt},
        DoubleRow{"TooLarge", "1e400", std::nullopt}, DoubleRow{"TooSmall", "1e-400", std::nullopt},
        DoubleRow{"ArabicDigits", "\u0664\u0665", std::nullopt}),
    [](const auto& row) { return row.param.name; });

TEST(Int64s, AreReadWholeOrNotAtAll) {
  EXPECT_EQ(ParseInt64("0"), 0);
  EXPECT_EQ(ParseInt64("-7"), -7);
  EXPECT_EQ(ParseInt64("007"), 7);
  EXPECT_EQ(ParseInt64("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(ParseInt64("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  for (const char* text : {"", "-", "+7", " 7", "7 ", "7.0", "1e3", "0x7", "9223372036854775808",
                           "-9223372036854775809"}) {
    EXPECT_EQ(ParseInt64(text), std::nullopt) << text;
  }
}

}  // namespace numbers_test
}  // namespace heat_scheduler
