#include "kube/yaml_writer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "kube/yaml_scalar.h"

namespace heat_scheduler::kube {
namespace {

using nlohmann::json;

// Returns true if the text is itself when it stands without quotes.
bool IsPlain(const std::string& text) {
  const auto safe = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '/' ||
           c == '-';
  };
  if (text.empty() || text.front() == '-' || !std::all_of(text.begin(), text.end(), safe)) {
    return false;
  }
  const absl::StatusOr<json> resolved = ResolveYamlScalar("?", text);
  return resolved.ok() && *resolved == text;
}

// JSON's quotes and escapes are YAML's, but JSON lets characters stand that YAML does not print:
// the upper control characters, line breaks beyond ASCII, the byte order mark and what is no
// character.
std::string Quote(const std::string& text) {
  static const std::vector<std::pair<std::string, std::string>> kEscapes = [] {
    std::vector<std::pair<std::string, std::string>> escapes = {
        {"\x7f", "\\x7f"},     {"\u2028", "\\u2028"},       {"\u2029", "\\u2029"},
        {"\ufeff", "\\ufeff"}, {"\xef\xbf\xbe", "\\ufffe"}, {"\xef\xbf\xbf", "\\uffff"}};
    for (int c = 0x80; c < 0xa0; ++c) {
      escapes.emplace_back(std::string("\xc2") + static_cast<char>(c),
                           absl::StrFormat("\\x%02x", c));
    }
    return escapes;
  }();
  return absl::StrReplaceAll(json(text).dump(), kEscapes);
}

std::string Text(const std::string& text) { return IsPlain(text) ? text : Quote(text); }

bool IsBlock(const json& value) { return value.is_structured() && !value.empty(); }

std::string Scalar(const json& value) {
  if (value.is_string()) return Text(value.get_ref<const std::string&>());
  if (value.is_number_float()) {
    // A whole number is read as an integer, so it is written as one: reading changes nothing then.
    constexpr double kBeyondInt64 = 9223372036854775808.0;
    const auto number = value.get<double>();
    if (number == std::trunc(number) && std::abs(number) < kBeyondInt64) {
      return absl::StrCat(static_cast<std::int64_t>(number));
    }
  }
  return value.dump();
}

// Appends a value that has lines of its own, each behind `indent` blanks but the first, which
// begins where the text ends.
void AppendBlock(const json& value, std::size_t indent, std::string& out) {
  const std::string margin(indent, ' ');
  bool first = true;
  for (const auto& item : value.items()) {
    if (!first) out += margin;
    first = false;
    const json& nested = item.value();
    if (value.is_array()) {
      out += "- ";
      if (IsBlock(nested)) {
        AppendBlock(nested, indent + 2, out);
      } else {
        absl::StrAppend(&out, Scalar(nested), "\n");
      }
      continue;
    }
    absl::StrAppend(&out, Text(item.key()), ":");
    if (!IsBlock(nested)) {
      absl::StrAppend(&out, " ", Scalar(nested), "\n");
      continue;
    }
    const std::size_t deeper = nested.is_array() ? indent : indent + 2;
    absl::StrAppend(&out, "\n", std::string(deeper, ' '));
    AppendBlock(nested, deeper, out);
  }
}

}  // namespace

std::string WriteYaml(const json& object) {
  if (!IsBlock(object)) return Scalar(object) + "\n";
  std::string out;
  AppendBlock(object, 0, out);
  return out;
}

}  // namespace heat_scheduler::kube
