#include "kube/yaml_scalar.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/strings.h"
#include "base/utf8.h"

namespace heat_scheduler::kube {
namespace {

using nlohmann::json;

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::optional<bool> Boolean(std::string_view text) {
  if (IsOneOf(text, {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})) {
    return true;
  }
  if (IsOneOf(text, {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})) {
    return false;
  }
  return std::nullopt;
}

bool IsNull(std::string_view text) { return IsOneOf(text, {"", "~", "null", "Null", "NULL"}); }

// Infinities and NaN, which YAML has and JSON has not.
bool IsNoNumber(std::string_view text) {
  return IsOneOf(text, {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF",
                        "-.inf", "-.Inf", "-.INF"});
}

template <typename Number>
std::optional<Number> Whole(std::string_view digits, int base) {
  Number number{};
  const char* const end = digits.data() + digits.size();
  const auto [parsed_to, error] = std::from_chars(digits.data(), end, number, base);
  if (error != std::errc() || parsed_to != end) return std::nullopt;
  return number;
}

// Base 16 for 0x, 2 for 0b, 8 for 0o and for any other leading zero, as Go's base 0; otherwise 10.
int TakeBase(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  const char letter = digits[1] | 0x20;
  const int base = letter == 'x' ? 16 : letter == 'b' ? 2 : letter == 'o' ? 8 : 0;
  digits.remove_prefix(base == 0 ? 1 : 2);
  return base == 0 ? 8 : base;
}

std::optional<json> Integer(std::string_view text) {
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  const int base = TakeBase(text);
  // from_chars would take a second sign.
  if (text.empty() || text[0] == '-') return std::nullopt;
  const std::optional<std::uint64_t> magnitude = Whole<std::uint64_t>(text, base);
  if (!magnitude) return std::nullopt;
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  if (!negative) {
    if (*magnitude > kLargest) return json(*magnitude);
    return json(static_cast<std::int64_t>(*magnitude));
  }
  if (*magnitude > kLargest + 1) return std::nullopt;
  return json(static_cast<std::int64_t>(0 - *magnitude));
}

// [-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?
bool LooksLikeFloat(std::string_view text) {
  const auto take_digits = [&] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  const auto take = [&](std::string_view any) {
    if (text.empty() || any.find(text[0]) == any.npos) return false;
    text.remove_prefix(1);
    return true;
  };
  take("+-");
  const std::size_t whole = take_digits();
  const std::size_t fraction = take(".") ? take_digits() : 0;
  if (whole + fraction == 0) return false;
  if (take("eE")) {
    take("+-");
    if (take_digits() == 0) return false;
  }
  return text.empty();
}

std::optional<json> Float(std::string_view text) {
  if (!LooksLikeFloat(text)) return std::nullopt;
  if (text[0] == '+') text.remove_prefix(1);
  double number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec == std::errc::result_out_of_range) {
    // Too small is zero; too large stays text.
    const std::size_t exponent = text.find_first_of("eE");
    const bool small =
        exponent == text.npos ? text.find('.') != text.npos : text.find('-', exponent) != text.npos;
    if (!small) return std::nullopt;
    number = 0;
  } else if (result.ec != std::errc()) {
    return std::nullopt;
  }
  // 2^63 is the first double that int64 cannot hold.
  if (number == std::trunc(number) && std::abs(number) < 0x1p63) {
    return json(static_cast<std::int64_t>(number));
  }
  return json(number);
}

// The value of plain text.
absl::StatusOr<json> Plain(std::string_view text) {
  if (IsNull(text)) return json(nullptr);
  if (const std::optional<bool> boolean = Boolean(text)) return json(*boolean);
  if (IsNoNumber(text)) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(text), " is infinite or no number: quote it if text is meant"));
  }
  const char first = text[0];
  const bool may_be_number = (first >= '0' && first <= '9') || first == '+' || first == '-';
  if (may_be_number || first == '.') {
    std::string digits(text);
    digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
    if (may_be_number) {
      if (std::optional<json> number = Integer(digits)) return *std::move(number);
    }
    if (std::optional<json> number = Float(digits)) return *std::move(number);
  }
  return json(std::string(text));
}

absl::StatusOr<json> Binary(std::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(ToAbsl(text), &bytes)) {
    return absl::InvalidArgumentError("!!binary holds no base64");
  }
  if (!IsUtf8(bytes)) {
    return absl::InvalidArgumentError("!!binary holds bytes that are no UTF-8 text");
  }
  return json(std::move(bytes));
}

}  // namespace

absl::StatusOr<json> ResolveYamlScalar(std::string_view tag, std::string_view text) {
  if (tag == "?") return Plain(text);
  if (tag.substr(0, kTagPrefix.size()) != kTagPrefix) return json(std::string(text));
  const std::string_view type = tag.substr(kTagPrefix.size());
  if (type == "binary") return Binary(text);
  if (!IsOneOf(type, {"int", "float", "bool", "null"})) return json(std::string(text));
  absl::StatusOr<json> value = Plain(text);
  if (!value.ok()) return value;
  const bool fits = type == "int"     ? value->is_number_integer()
                    : type == "float" ? value->is_number()
                    : type == "bool"  ? value->is_boolean()
                                      : value->is_null();
  if (fits) return value;
  return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " is no !!", ToAbsl(type)));
}

absl::StatusOr<std::string> YamlKey(const json& scalar) {
  if (scalar.is_string()) return scalar.get<std::string>();
  if (scalar.is_boolean() || scalar.is_number()) return scalar.dump();
  return absl::InvalidArgumentError("a key is text, a number or a boolean, not null");
}

}  // namespace heat_scheduler::kube
