#include "base/math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace heat_scheduler {
namespace math_test {

struct LogRow {
  std::string name;
  double x;
  std::uint64_t bits;  // Of math.Log(x) of Go 1.26 on amd64.
};

class Log : public testing::TestWithParam<LogRow> {};

TEST_P(Log, HasGosBits) {
  EXPECT_EQ(std::bit_cast<std::uint64_t>(NaturalLog(GetParam().x)), GetParam().bits);
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

INSTANTIATE_TEST_SUITE_P(Table, Log,
                         testing::ValuesIn(std::vector<LogRow>{
                             {"1", 1, 0},
                             {"2", 2, 0x3fe62e42fefa39ef},
                             {"3", 3, 0x3ff193ea7aad030a},
                             {"4", 4, 0x3ff62e42fefa39ef},
                             {"5", 5, 0x3ff9c041f7ed8d33},
                             {"6", 6, 0x3ffcab0bfa2a2002},
                             {"7", 7, 0x3fff2272ae325a57},
                             {"8", 8, 0x4000a2b23f3bab73},
                             {"9", 9, 0x400193ea7aad030b},
                             {"10", 10, 0x40026bb1bbb55516},
                             {"11", 11, 0x40032ee3b77f374c},
                             {"12", 12, 0x4003e116bcd39e7d},
                             {"102", 102, 0x40127ff8df87c7bd},
                             {"502", 502, 0x4018dfd8b5b3e920},
                             {"1002", 1002, 0x401ba3965d405f5f},
                             {"5002", 5002, 0x40210901f6dc84b9},
                             {"20002", 20002, 0x4023cea306eb7be0},
                             {"Half", 0.5, 0xbfe62e42fefa39ef},
                             {"HalfOfSqrt2", 0.70710678118654757, 0xbfd62e42fefa39ee},
                             {"AboveOne", 1.0000000000000002, 0x3cafffffffffffff},
                             {"BelowOne", 0.99999999999999989, 0xbca0000000000000},
                             {"E", 2.7182818284590451, 0x3ff0000000000000},
                             {"Greatest", 1.7976931348623157e+308, 0x40862e42fefa39ef},
                             {"SmallestNormal", 2.2250738585072014e-308, 0xc086232bdd7abcd2},
                             {"SmallestSubnormal", 4.9406564584124654e-324, 0xc08628b76e3a7b61},
                             {"Zero", 0, 0xfff0000000000000},
                             {"NegativeZero", -0.0, 0xfff0000000000000},
                             {"Infinity", kInfinity, 0x7ff0000000000000},
                         }),
                         [](const auto& row) { return row.param.name; });

TEST(NaturalLog, IsNaNForWhatIsNegativeOrNaN) {
  EXPECT_TRUE(std::isnan(NaturalLog(-1)));
  EXPECT_TRUE(std::isnan(NaturalLog(-kInfinity)));
  EXPECT_TRUE(std::isnan(NaturalLog(std::numeric_limits<double>::quiet_NaN())));
}

// FNV-1a of the results, each in little-endian bytes: one number for a table of thousands.
class Digest {
 public:
  void Add(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int shift = 0; shift < 64; shift += 8) {
      hash_ = (hash_ ^ ((bits >> shift) & 0xff)) * 1099511628211U;
    }
  }
  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 14695981039346656037U;
};

// The expected numbers are those of the same loops with Go's math.Log.
TEST(NaturalLog, HasGosBitsForEveryNumberOfDomains) {
  Digest digest;
  for (int i = 1; i <= 20002; ++i) digest.Add(NaturalLog(i));
  EXPECT_EQ(digest.hash(), 0xa0bb0810ab361c1d);
}

TEST(NaturalLog, HasGosBitsForAHundredThousandPositiveNumbers) {
  Digest digest;
  std::uint64_t state = 1;
  for (int i = 0; i < 100000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const double x = std::bit_cast<double>(state >> 1);
    if (std::isfinite(x)) digest.Add(NaturalLog(x));
  }
  EXPECT_EQ(digest.hash(), 0x581337495e1146ee);
}

}  // namespace math_test
}  // namespace heat_scheduler
