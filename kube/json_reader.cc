#include "kube/json_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/strings.h"
#include "base/time_text.h"

namespace heat_scheduler::kube {
namespace {

std::string_view TypeName(JsonReader::Value value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE:
      return "a number";
  }
  return "something else";
}

// Keys that are plain names are joined by dots, others are quoted: labels["example.com/a"].
void AppendKey(std::string_view key, std::string& path) {
  const bool plain =
      !key.empty() && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '-' || c == '_';
      });
  if (plain) {
    absl::StrAppend(&path, path.empty() ? "" : ".", ToAbsl(key));
  } else {
    absl::StrAppend(&path, "[", Quoted(key), "]");
  }
}

}  // namespace

void JsonReader::Reset() {
  path_.clear();
  error_.clear();
}

bool JsonReader::Fail(std::string_view problem) {
  for (const Segment& segment : path_) {
    if (segment.key.data() != nullptr) {
      AppendKey(segment.key, error_);
    } else {
      absl::StrAppend(&error_, "[", segment.index, "]");
    }
  }
  absl::StrAppend(&error_, error_.empty() ? "" : ": ", ToAbsl(problem));
  return false;
}

bool JsonReader::FailAt(std::string_view key, std::string_view problem) {
  path_.push_back({key, 0});
  return Fail(problem);
}

bool JsonReader::FailType(std::string_view wanted, Value found) {
  return Fail(absl::StrCat("expected ", ToAbsl(wanted), ", found ", ToAbsl(TypeName(found))));
}

bool JsonReader::Text(Value value, std::string_view& out) {
  out = {};
  if (value.is_null()) return true;
  return value.get(out) == simdjson::SUCCESS || FailType("a string", value);
}

bool JsonReader::String(Value value, std::string& out) {
  std::string_view text;
  if (!Text(value, text)) return false;
  out.assign(text);
  return true;
}

bool JsonReader::StringOr(Value value, std::string_view default_value, std::string& out) {
  std::string_view text;
  if (!Text(value, text)) return false;
  out.assign(text.empty() ? default_value : text);
  return true;
}

bool JsonReader::Bool(Value value, bool& out) {
  if (value.is_null()) return true;
  return value.get(out) == simdjson::SUCCESS || FailType("a boolean", value);
}

bool JsonReader::Integer(Value value, std::int64_t min, std::int64_t max, std::int64_t& out) {
  if (!value.is_int64() && !value.is_uint64()) return FailType("an integer", value);
  std::int64_t number = 0;
  // An unsigned number beyond int64 fails here.
  if (value.get(number) != simdjson::SUCCESS || number < min || number > max) {
    return Fail(absl::StrCat("the number is not between ", min, " and ", max));
  }
  out = number;
  return true;
}

bool JsonReader::Int64(Value value, std::int64_t& out) {
  if (value.is_null()) return true;
  using Limits = std::numeric_limits<std::int64_t>;
  return Integer(value, Limits::min(), Limits::max(), out);
}

bool JsonReader::Int32(Value value, std::int32_t& out) {
  if (value.is_null()) return true;
  using Limits = std::numeric_limits<std::int32_t>;
  std::int64_t number = 0;
  if (!Integer(value, Limits::min(), Limits::max(), number)) return false;
  out = static_cast<std::int32_t>(number);
  return true;
}

bool JsonReader::Int64(Value value, std::optional<std::int64_t>& out) {
  out.reset();
  return value.is_null() || Int64(value, out.emplace());
}

bool JsonReader::Int32(Value value, std::optional<std::int32_t>& out) {
  out.reset();
  return value.is_null() || Int32(value, out.emplace());
}

bool JsonReader::Time(Value value, std::optional<absl::Time>& out) {
  out.reset();
  if (value.is_null()) return true;
  std::string_view text;
  if (!Text(value, text)) return false;
  out = ParseRfc3339(text);
  return out.has_value() ||
         Fail(absl::StrCat(Quoted(text), " is no RFC 3339 time, such as 2026-11-21T10:09:00Z"));
}

bool JsonReader::Amount(Value value, Quantity& out) {
  if (value.is_null()) return true;
  std::int64_t whole = 0;
  if (value.is_int64() && value.get(whole) == simdjson::SUCCESS) {
    out = Quantity::FromValue(whole);
    return true;
  }
  // The shortest text that reads as the same double: the one that was written, unless it had more
  // digits than a double holds.
  char number_text[32];
  double number = 0;
  std::string_view text;
  if (value.is_double() && value.get(number) == simdjson::SUCCESS) {
    const auto [end, error] = std::to_chars(std::begin(number_text), std::end(number_text), number);
    text = {number_text, static_cast<std::size_t>(end - number_text)};
  } else if (value.get(text) != simdjson::SUCCESS) {
    return FailType("a quantity", value);
  }
  const absl::StatusOr<Quantity> quantity =
      Quantity::Parse(ToStd(absl::StripAsciiWhitespace(ToAbsl(text))));
  if (!quantity.ok()) return Fail(ToStd(quantity.status().message()));
  out = *quantity;
  return true;
}

bool JsonReader::Amounts(Value value, ResourceList& out) {
  return Map(value, out, &JsonReader::Amount);
}

bool JsonReader::Strings(Value value, StringMap& out) {
  return Map(value, out, &JsonReader::String);
}

bool JsonReader::Strings(Value value, std::vector<std::string>& out) {
  out.clear();
  return Items(value, [&](Value item) { return String(item, out.emplace_back()); });
}

bool JsonReader::Keys(Value value, std::vector<std::string>& out) {
  out.clear();
  if (!Fields(value, [&](std::string_view key, Value) {
        out.emplace_back(key);
        return true;
      })) {
    return false;
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return true;
}

std::optional<JsonReader::Value> FindField(JsonReader::Value value, std::string_view key) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return std::nullopt;
  std::optional<JsonReader::Value> found;
  for (const simdjson::dom::key_value_pair entry : object) {
    if (entry.key == key) found = entry.value;
  }
  if (found && found->is_null()) found.reset();
  return found;
}

std::string_view FindText(JsonReader::Value value, std::string_view key) {
  const std::optional<JsonReader::Value> field = FindField(value, key);
  std::string_view text;
  if (!field || field->get(text) != simdjson::SUCCESS) return {};
  return text;
}

}  // namespace heat_scheduler::kube
