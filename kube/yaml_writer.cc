#include "kube/yaml_writer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
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

std::string Text(const std::string& text) {
  // JSON's quotes and escapes are YAML's.
  return IsPlain(text) ? text : json(text).dump();
}

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
