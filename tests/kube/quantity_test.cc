#include "kube/quantity.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>

#include "tests/support/objects.h"

namespace heat_scheduler::kube {
namespace quantity_test {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

struct ParsedRow {
  std::string name;
  std::string text;
  std::int64_t value;
  std::int64_t milli;
  std::string canonical;
};

void PrintTo(const ParsedRow& row, std::ostream* out) { *out << row.name; }

class QuantityParse : public testing::TestWithParam<ParsedRow> {};

TEST_P(QuantityParse, ReadsAsKubernetesDoes) {
  const absl::StatusOr<Quantity> quantity = Quantity::Parse(GetParam().text);
  ASSERT_TRUE(quantity.ok()) << quantity.status();
  EXPECT_EQ(quantity->Value(), GetParam().value);
  EXPECT_EQ(quantity->MilliValue(), GetParam().milli);
  EXPECT_EQ(quantity->ToString(), GetParam().canonical);
}

INSTANTIATE_TEST_SUITE_P(
    Table, QuantityParse,
    testing::Values(
        ParsedRow{"Zero", "0", 0, 0, "0"},                                       //
        ParsedRow{"Negative", "-1", -1, -1000, "-1"},                            //
        ParsedRow{"Plus", "+1", 1, 1000, "1"},                                   //
        ParsedRow{"NoWholePart", ".5", 1, 500, "500m"},                          //
        ParsedRow{"NoFraction", "5.", 5, 5000, "5"},                             //
        ParsedRow{"PointAlone", ".", 0, 0, "0"},                                 //
        ParsedRow{"SignAlone", "-", 0, 0, "0"},                                  //
        ParsedRow{"SuffixAlone", "m", 0, 0, "0"},                                //
        ParsedRow{"LeadingZeros", "000123", 123, 123000, "123"},                 //
        ParsedRow{"LowerExponent", "1e3", 1000, 1000000, "1k"},                  //
        ParsedRow{"UpperExponent", "1E3", 1000, 1000000, "1k"},                  //
        ParsedRow{"SignedExponent", "1e+3", 1000, 1000000, "1k"},                //
        ParsedRow{"NegativeExponent", "1e-3", 1, 1, "1m"},                       //
        ParsedRow{"ExponentOfZero", "0e99999", 0, 0, "0"},                       //
        ParsedRow{"FractionBigExponent", "0.000000001e27", 1000000000000000000,  //
                  kMax, "1E"},                                                   //
        ParsedRow{"Nano", "1n", 1, 1, "1n"},                                     //
        ParsedRow{"Micro", "250u", 1, 1, "250u"},                                //
        ParsedRow{"Milli", "100m", 1, 100, "100m"},                              //
        ParsedRow{"MilliWhole", "2000m", 2, 2000, "2"},                          //
        ParsedRow{"Kilo", "1k", 1000, 1000000, "1k"},                            //
        ParsedRow{"Mega", "3M", 3000000, 3000000000, "3M"},                      //
        ParsedRow{"Giga", "1.5G", 1500000000, 1500000000000, "1500M"},           //
        ParsedRow{"Tera", "1T", 1000000000000, 1000000000000000, "1T"},          //
        ParsedRow{"Peta", "1P", 1000000000000000, 1000000000000000000, "1P"},    //
        ParsedRow{"ExaIsNoExponent", "1E", 1000000000000000000, kMax, "1E"},     //
        ParsedRow{"Kibi", "1Ki", 1024, 1024000, "1024"},                         //
        ParsedRow{"Mebi", "1Mi", 1048576, 1048576000, "1048576"},                //
        ParsedRow{"Gibi", "1.5Gi", 1610612736, 1610612736000, "1610612736"},     //
        ParsedRow{"KibiFraction", "1.1Ki", 1127, 1126400, "1126400m"},           //
        ParsedRow{"KibiFinerThanNano", "0.0000000001Gi", 1, 108, "107374183n"},  //
        ParsedRow{"LargestExbi", "7Ei", 8070450532247928832, kMax, "8070450532247928832"},
        ParsedRow{"TenthOfMilli", "0.1m", 1, 1, "100u"},             //
        ParsedRow{"BelowNanoRoundsUp", "0.0000000001", 1, 1, "1n"},  //
        ParsedRow{"BelowNanoRoundsAwayFromZero", "-0.1n", -1, -1, "-1n"},
        ParsedRow{"FarBelowNano", "1e-2000000000", 1, 1, "1n"},  //
        ParsedRow{"ManyDigits", "1.0000000000000000000000000000001", 2, 1001, "1000000001n"},
        ParsedRow{"TrailingZeros", "1.0000000000000000000000000000000", 1, 1000, "1"},
        ParsedRow{"NegativeFraction", "-1.5", -2, -1500, "-1500m"},  //
        ParsedRow{"Largest", "9223372036854775807", kMax, kMax, "9223372036854775807"},
        ParsedRow{"Smallest", "-9223372036854775807", -kMax, std::numeric_limits<int64_t>::min(),
                  "-9223372036854775807"}),
    [](const auto& row) { return row.param.name; });

struct RefusedRow {
  std::string name;
  std::string text;
  absl::StatusCode code;
  std::string message;
};

void PrintTo(const RefusedRow& row, std::ostream* out) { *out << row.name; }

class QuantityRefusal : public testing::TestWithParam<RefusedRow> {};

TEST_P(QuantityRefusal, NamesTheText) {
  const absl::StatusOr<Quantity> quantity = Quantity::Parse(GetParam().text);
  EXPECT_EQ(quantity.status().code(), GetParam().code);
  EXPECT_EQ(quantity.status().message().substr(0, GetParam().message.size()), GetParam().message)
      << quantity.status();
}

RefusedRow Malformed(std::string name, std::string text) {
  return {std::move(name), text, absl::StatusCode::kInvalidArgument,
          "\"" + text + "\" is no quantity: write a number and a suffix"};
}

RefusedRow TooLarge(std::string name, std::string text) {
  return {std::move(name), text, absl::StatusCode::kOutOfRange, "\"" + text + "\" is out of range"};
}

INSTANTIATE_TEST_SUITE_P(
    Table, QuantityRefusal,
    testing::Values(
        Malformed("Empty", ""), Malformed("OnlyE", "1e"), Malformed("GiB", "1GiB"),
        Malformed("LowerKi", "1ki"), Malformed("UpperK", "1K"), Malformed("Underscore", "1_000"),
        Malformed("NaN", "NaN"), Malformed("Infinity", "inf"), Malformed("InnerBlank", "1 Gi"),
        Malformed("LeadingBlank", " 1"), Malformed("TrailingBlank", "1 "),
        Malformed("TwoPoints", "1.2.3"), Malformed("TwoSigns", "--1"),
        Malformed("MixedSigns", "+-1"), Malformed("Hex", "0x10"),
        Malformed("ExponentAndSuffix", "1e3m"), Malformed("FractionalExponent", "1e3.5"),
        Malformed("ExponentTwoSigns", "1e+-3"),
        Malformed("ExponentBeyondInt64", "1e99999999999999999999"), Malformed("TwoSuffixes", "1Em"),
        RefusedRow{"WideDigit", "９", absl::StatusCode::kInvalidArgument,
                   "\"\\357\\274\\231\" is no quantity"},
        RefusedRow{"Nul", std::string("1\0", 2), absl::StatusCode::kInvalidArgument,
                   "\"1\\000\" is no quantity"},
        TooLarge("OneAboveInt64", "9223372036854775808"),
        TooLarge("OneBelowInt64", "-9223372036854775808"),
        TooLarge("NanoAboveInt64", "9223372036854775807.000000001"),
        TooLarge("RoundsAboveInt64", "9223372036854775807.0000000001"), TooLarge("Exbi", "8Ei"),
        TooLarge("Exa", "10E"), TooLarge("Googol", "1e100"),
        TooLarge("LargestExponent", "1e9223372036854775807"),
        TooLarge("KibiFractionAboveInt64", "9007199254740991.9999999999999999999Ki")),
    [](const auto& row) { return row.param.name; });

TEST(QuantityRefusal, CutsAHugeTextInItsMessage) {
  const absl::Status status = Quantity::Parse(std::string(1 << 20, 'x')).status();
  EXPECT_LT(status.message().size(), 200u);
}

TEST(QuantitySums, SaturateInsteadOfWrapping) {
  Quantity sum = Quantity::FromValue(kMax);
  // Doubling eighty times leaves 128 bits far behind.
  for (int i = 0; i < 80; ++i) sum += Quantity(sum);
  EXPECT_EQ(sum.Value(), kMax);
  EXPECT_EQ(sum.MilliValue(), kMax);
  const Quantity top = sum;
  sum += Quantity::FromValue(1);
  EXPECT_EQ(sum, top);
  Quantity bottom;
  for (int i = 0; i < 3; ++i) bottom -= top;
  EXPECT_EQ(bottom.Value(), std::numeric_limits<std::int64_t>::min());
}

TEST(QuantitySums, OfInt64sAreExactBeyondInt64) {
  Quantity sum = Quantity::FromValue(kMax);
  sum += Quantity::FromValue(kMax);
  EXPECT_EQ(sum.Value(), kMax);
  sum -= Quantity::FromValue(kMax);
  EXPECT_EQ(sum, Quantity::FromValue(kMax));
}

TEST(QuantityText, OfASumBeyondExaKeepsEveryDigit) {
  Quantity sum = Q("9E");
  sum += Q("9E");
  EXPECT_EQ(sum.ToString(), "18E");
}

TEST(QuantitySign, FollowsTheNumber) {
  EXPECT_EQ(Q("-1n").Sign(), -1);
  EXPECT_EQ(Q("0").Sign(), 0);
  EXPECT_EQ(Q("1n").Sign(), 1);
  EXPECT_TRUE(Q("-0").is_zero());
}

Quantity FromNanos(std::int64_t nanos) { return Q(std::to_string(nanos) + "n"); }

RC_GTEST_PROP(QuantityLaws, TextRoundTrips, (std::int64_t nanos)) {
  RC_PRE(nanos != std::numeric_limits<std::int64_t>::min());
  const Quantity quantity = FromNanos(nanos);
  RC_ASSERT(Q(quantity.ToString()) == quantity);
}

RC_GTEST_PROP(QuantityLaws, WholeNumbersRoundTrip, (std::int64_t value)) {
  RC_PRE(value != std::numeric_limits<std::int64_t>::min());
  const Quantity quantity = Q(std::to_string(value));
  RC_ASSERT(quantity == Quantity::FromValue(value));
  RC_ASSERT(quantity.Value() == value);
  RC_ASSERT(Q(quantity.ToString()) == quantity);
}

RC_GTEST_PROP(QuantityLaws, OrderIsThatOfTheNumbers, (std::int64_t a, std::int64_t b)) {
  RC_PRE(a != std::numeric_limits<std::int64_t>::min());
  RC_PRE(b != std::numeric_limits<std::int64_t>::min());
  RC_ASSERT((FromNanos(a) <=> FromNanos(b)) == (a <=> b));
}

RC_GTEST_PROP(QuantityLaws, AdditionIsThatOfTheNumbers, (std::int32_t a, std::int32_t b)) {
  Quantity sum = FromNanos(a);
  sum += FromNanos(b);
  RC_ASSERT(sum == FromNanos(std::int64_t{a} + b));
  sum -= FromNanos(a);
  RC_ASSERT(sum == FromNanos(b));
}

RC_GTEST_PROP(QuantityLaws, BinarySuffixesMultiply, ()) {
  const std::int64_t number = *rc::gen::inRange<std::int64_t>(0, 1 << 20);
  const int power = *rc::gen::inRange(0, 4);
  const char* const suffixes[] = {"Ki", "Mi", "Gi", "Ti"};
  RC_ASSERT(Q(std::to_string(number) + suffixes[power]).Value() == number << (10 * (power + 1)));
}

RC_GTEST_PROP(QuantityLaws, AnyTextIsReadOrRefused, (const std::string& text)) {
  const absl::StatusOr<Quantity> quantity = Quantity::Parse(text);
  if (quantity.ok()) RC_ASSERT(Q(quantity->ToString()) == *quantity);
}

}  // namespace quantity_test
}  // namespace heat_scheduler::kube
