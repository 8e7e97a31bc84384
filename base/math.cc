#include "base/math.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace heat_scheduler {
namespace {

constexpr std::uint64_t kMantissa = 0x000FFFFFFFFFFFFF;
constexpr int kExponentBias = 0x3FE;  // Of a fraction in [0.5, 1).
constexpr double kHalfOfSqrt2 = 7.07106781186547524401e-01;
// Both parts of ln 2: the high one has trailing zeros, so that its product with an exponent is
// exact.
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;

// Returns R of log(1+f) = f - (hfsq - s * (hfsq + R)), a polynomial in s = f / (2 + f).
double Remainder(double s) {
  const double s2 = s * s;
  const double s4 = s2 * s2;
  const double odd = s2 * (6.666666666666735130e-01 +
                           s4 * (2.857142874366239149e-01 +
                                 s4 * (1.818357216161805012e-01 + s4 * 1.479819860511658591e-01)));
  const double even = s4 * (3.999999999940941908e-01 +
                            s4 * (2.222219843214978396e-01 + s4 * 1.531383769920937332e-01));
  return odd + even;
}

}  // namespace

double NaturalLog(double x) {
  using Limits = std::numeric_limits<double>;
  if (x == 0) return -Limits::infinity();
  if (x < 0) return Limits::quiet_NaN();
  if (!(x <= Limits::max())) return x;

  const auto bits = std::bit_cast<std::uint64_t>(x);
  double fraction = std::bit_cast<double>((bits & kMantissa) | std::bit_cast<std::uint64_t>(0.5));
  double exponent = static_cast<int>(bits >> 52) - kExponentBias;
  if (fraction <= kHalfOfSqrt2) {
    exponent -= 1;
    fraction *= 2;
  }
  const double f = fraction - 1;
  const double s = f / (2 + f);
  const double hfsq = 0.5 * f * f;
  return exponent * kLn2High - ((hfsq - (s * (hfsq + Remainder(s)) + exponent * kLn2Low)) - f);
}

}  // namespace heat_scheduler
