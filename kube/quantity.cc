#include "kube/quantity.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "base/strings.h"

namespace heat_scheduler::kube {
namespace {

constexpr std::int64_t kNanosPerUnit = 1'000'000'000;
constexpr std::int64_t kNanosPerMilli = 1'000'000;
constexpr __int128 kMaxNanos =
    static_cast<__int128>(std::numeric_limits<std::int64_t>::max()) * kNanosPerUnit;
constexpr __int128 kInt128Max = ~(static_cast<__int128>(1) << 127);
// kMaxNanos has 28 decimal digits, so a number with more is out of range whatever they are.
constexpr std::size_t kMaxNanoDigits = 28;

// A suffix stands for 2^exponent or 10^exponent.
struct Scale {
  bool binary = false;
  std::int64_t exponent = 0;
};

std::optional<Scale> ScaleOfSuffix(std::string_view suffix) {
  struct Entry {
    std::string_view text;
    Scale scale;
  };
  static constexpr std::array<Entry, 16> kSuffixes = {{
      {"", {false, 0}},
      {"n", {false, -9}},
      {"u", {false, -6}},
      {"m", {false, -3}},
      {"k", {false, 3}},
      {"M", {false, 6}},
      {"G", {false, 9}},
      {"T", {false, 12}},
      {"P", {false, 15}},
      {"E", {false, 18}},
      {"Ki", {true, 10}},
      {"Mi", {true, 20}},
      {"Gi", {true, 30}},
      {"Ti", {true, 40}},
      {"Pi", {true, 50}},
      {"Ei", {true, 60}},
  }};
  for (const Entry& entry : kSuffixes) {
    if (entry.text == suffix) return entry.scale;
  }
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  suffix.remove_prefix(1);
  if (suffix[0] == '+') {
    suffix.remove_prefix(1);
    if (suffix.empty() || suffix[0] == '-') return std::nullopt;
  }
  const std::optional<std::int64_t> exponent = ParseInt64(suffix);
  if (!exponent) return std::nullopt;
  return Scale{false, *exponent};
}

// The parts of "-12.5Gi": its sign, the digits on either side of the point, and the suffix.
struct Parts {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::string_view suffix;
};

std::string_view TakeDigits(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  return digits;
}

Parts Split(std::string_view text) {
  Parts parts;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    parts.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  parts.whole = TakeDigits(text);
  parts.whole.remove_prefix(std::min(parts.whole.find_first_not_of('0'), parts.whole.size()));
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    parts.fraction = TakeDigits(text);
  }
  parts.suffix = text;
  return parts;
}

// Returns the nanos, rounded up, of digits with a decimal exponent; nothing when out of range.
std::optional<__int128> DecimalNanos(const Parts& parts, std::int64_t exponent) {
  std::string digits = absl::StrCat(ToAbsl(parts.whole), ToAbsl(parts.fraction));
  const std::size_t leading_zeros = std::min(digits.find_first_not_of('0'), digits.size());
  if (leading_zeros == digits.size()) return 0;
  // Where the point stands in `digits` once the number is counted in nanos. The exponent is clamped
  // so that sums of lengths stay small; beyond the clamp the answer is the same.
  constexpr std::int64_t kClamp = std::int64_t{1} << 40;
  std::int64_t point = static_cast<std::int64_t>(parts.whole.size()) + 9 +
                       std::clamp(exponent, -kClamp, kClamp) -
                       static_cast<std::int64_t>(leading_zeros);
  digits.erase(0, leading_zeros);
  if (point > static_cast<std::int64_t>(kMaxNanoDigits)) return std::nullopt;
  __int128 nanos = 0;
  for (std::int64_t i = 0; i < point; ++i) {
    const bool given = i < static_cast<std::int64_t>(digits.size());
    nanos = nanos * 10 + (given ? digits[static_cast<std::size_t>(i)] - '0' : 0);
  }
  const std::size_t rest = static_cast<std::size_t>(std::max<std::int64_t>(point, 0));
  const bool has_rest = rest < digits.size() && digits.find_first_not_of('0', rest) != digits.npos;
  return has_rest ? nanos + 1 : nanos;
}

// Returns the nanos, rounded up, of digits times 2^exponent; nothing when out of range.
std::optional<__int128> BinaryNanos(const Parts& parts, int exponent) {
  const __int128 unit = (static_cast<__int128>(1) << exponent) * kNanosPerUnit;
  __int128 whole = 0;
  for (const char digit : parts.whole) {
    whole = whole * 10 + (digit - '0');
    if (whole > kMaxNanos / unit) return std::nullopt;
  }
  // From the last digit to the first, so that each step divides by ten; a remainder anywhere means
  // that the exact product is above its floor.
  __int128 fraction = 0;
  bool inexact = false;
  for (auto digit = parts.fraction.rbegin(); digit != parts.fraction.rend(); ++digit) {
    fraction += (*digit - '0') * unit;
    inexact |= fraction % 10 != 0;
    fraction /= 10;
  }
  return whole * unit + fraction + (inexact ? 1 : 0);
}

// Returns nanos / divisor, rounded away from zero, within the range of int64.
std::int64_t RoundedUp(__int128 nanos, std::int64_t divisor) {
  __int128 quotient = nanos / divisor;
  const __int128 remainder = nanos % divisor;
  if (remainder > 0) ++quotient;
  if (remainder < 0) --quotient;
  constexpr __int128 kMin = std::numeric_limits<std::int64_t>::min();
  constexpr __int128 kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp(quotient, kMin, kMax));
}

}  // namespace

Quantity Quantity::FromValue(std::int64_t value) {
  return Quantity(static_cast<__int128>(value) * kNanosPerUnit);
}

Quantity Quantity::FromMilli(std::int64_t milli) {
  return Quantity(static_cast<__int128>(milli) * kNanosPerMilli);
}

absl::StatusOr<Quantity> Quantity::Parse(std::string_view text) {
  const Parts parts = Split(text);
  const std::optional<Scale> scale = ScaleOfSuffix(parts.suffix);
  if (text.empty() || !scale) {
    return absl::InvalidArgumentError(absl::StrCat(
        Quoted(text),
        " is no quantity: write a number and a suffix, such as 500m, 2, 1.5Gi or 12e6"));
  }
  const std::optional<__int128> nanos = scale->binary
                                            ? BinaryNanos(parts, static_cast<int>(scale->exponent))
                                            : DecimalNanos(parts, scale->exponent);
  if (!nanos || *nanos > kMaxNanos) {
    return absl::OutOfRangeError(
        absl::StrCat(Quoted(text), " is out of range: a quantity is at most 2^63-1"));
  }
  return Quantity(parts.negative ? -*nanos : *nanos);
}

std::int64_t Quantity::Value() const { return RoundedUp(nanos_, kNanosPerUnit); }

std::int64_t Quantity::MilliValue() const { return RoundedUp(nanos_, kNanosPerMilli); }

int Quantity::Sign() const { return nanos_ > 0 ? 1 : nanos_ < 0 ? -1 : 0; }

Quantity& Quantity::operator+=(const Quantity& other) {
  if (__builtin_add_overflow(nanos_, other.nanos_, &nanos_)) {
    nanos_ = other.nanos_ > 0 ? kInt128Max : -kInt128Max;
  }
  return *this;
}

Quantity& Quantity::operator-=(const Quantity& other) {
  if (__builtin_sub_overflow(nanos_, other.nanos_, &nanos_)) {
    nanos_ = other.nanos_ > 0 ? -kInt128Max : kInt128Max;
  }
  return *this;
}

std::string Quantity::ToString() const {
  if (nanos_ == 0) return "0";
  static constexpr std::array<std::string_view, 10> kSuffixes = {"n", "u", "m", "",  "k",
                                                                 "M", "G", "T", "P", "E"};
  __int128 rest = nanos_;
  std::size_t suffix = 0;
  while (rest % 1000 == 0 && suffix + 1 < kSuffixes.size()) {
    rest /= 1000;
    ++suffix;
  }
  const bool negative = rest < 0;
  std::string digits;
  for (; rest != 0; rest /= 10) {
    const int digit = static_cast<int>(rest % 10);
    digits.push_back(static_cast<char>('0' + (negative ? -digit : digit)));
  }
  if (negative) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return absl::StrCat(digits, ToAbsl(kSuffixes[suffix]));
}

void Raise(const ResourceList& amounts, ResourceList& maximum) {
  for (const auto& [name, quantity] : amounts) {
    if (!maximum.emplace(name, quantity).second) {
      maximum[name] = std::max(maximum.at(name), quantity);
    }
  }
}

}  // namespace heat_scheduler::kube
