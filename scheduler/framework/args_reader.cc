#include "scheduler/framework/args_reader.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/nearest.h"
#include "base/strings.h"
#include "base/time_text.h"

namespace heat_scheduler {
namespace {

// Returns the value as JSON, safe for a message.
std::string Show(const nlohmann::json& value) {
  if (value.is_string()) return Quoted(value.get_ref<const std::string&>());
  if (value.is_number() && !std::isfinite(value.get<double>())) return "one that is not finite";
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  return value.dump();
}

const nlohmann::json& EmptyObject() {
  static const auto* const kEmpty = new nlohmann::json(nlohmann::json::object());
  return *kEmpty;
}

}  // namespace

ArgsReader::ArgsReader(const nlohmann::json& args, std::string path, Nested)
    : args_(args), path_(std::move(path)) {
  if (!args_.is_null() && !args_.is_object()) {
    Reject("", absl::StrCat("want an object, got ", Show(args_)));
  }
}

ArgsReader::ArgsReader(const nlohmann::json& args, std::string_view kind)
    : ArgsReader(args, std::string(kind), Nested{}) {
  envelope_ = true;
  for (const auto& [key, wanted] :
       {std::pair<std::string_view, std::string_view>{"apiVersion", kConfigApiVersion},
        std::pair<std::string_view, std::string_view>{"kind", kind}}) {
    const std::optional<std::string> text = Text(key);
    if (text && *text != wanted) {
      Reject(key, absl::StrCat("want ", ToAbsl(wanted), ", got ", Quoted(*text)));
    }
  }
  // They are no arguments: nobody is to be told that he meant one of them.
  known_keys_.clear();
}

const nlohmann::json* ArgsReader::Take(std::string_view key) {
  known_keys_.emplace_back(key);
  if (!args_.is_object()) return nullptr;
  const auto found = args_.find(known_keys_.back());
  return found == args_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> ArgsReader::Text(std::string_view key) {
  const nlohmann::json* value = Take(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  RejectType(key, "text", *value);
  return std::nullopt;
}

void ArgsReader::Read(std::string_view key, std::string& target) {
  if (std::optional<std::string> text = Text(key)) target = *std::move(text);
}

void ArgsReader::Read(std::string_view key, bool& target) {
  const nlohmann::json* value = Take(key);
  if (value == nullptr) return;
  if (!value->is_boolean()) return RejectType(key, "true or false", *value);
  target = value->get<bool>();
}

template <typename Int>
void ArgsReader::ReadInt(std::string_view key, Int& target) {
  const nlohmann::json* value = Take(key);
  if (value == nullptr) return;
  if (!value->is_number_integer()) return RejectType(key, "a whole number", *value);
  constexpr auto kMax = std::numeric_limits<Int>::max();
  // A number that is stored unsigned may be beyond int64.
  const bool fits = value->is_number_unsigned()
                        ? value->get<std::uint64_t>() <= static_cast<std::uint64_t>(kMax)
                        : value->get<std::int64_t>() >= std::numeric_limits<Int>::min();
  if (!fits) {
    return RejectType(
        key, absl::StrCat("a whole number from ", std::numeric_limits<Int>::min(), " to ", kMax),
        *value);
  }
  target = value->get<Int>();
}

void ArgsReader::Read(std::string_view key, std::int32_t& target) { ReadInt(key, target); }

void ArgsReader::Read(std::string_view key, std::int64_t& target) { ReadInt(key, target); }

void ArgsReader::Read(std::string_view key, std::optional<double>& target) {
  const nlohmann::json* value = Take(key);
  if (value == nullptr) return;
  if (!value->is_number() || !std::isfinite(value->get<double>())) {
    return RejectType(key, "a number", *value);
  }
  target = value->get<double>();
}

void ArgsReader::Read(std::string_view key, double& target) {
  std::optional<double> number;
  Read(key, number);
  if (number) target = *number;
}

void ArgsReader::Read(std::string_view key, std::optional<absl::Duration>& target) {
  const nlohmann::json* value = Take(key);
  if (value == nullptr) return;
  const std::optional<absl::Duration> duration =
      value->is_string() ? ParseDuration(value->get_ref<const std::string&>()) : std::nullopt;
  if (!duration) return RejectType(key, "a duration such as \"5m\"", *value);
  target = *duration;
}

void ArgsReader::Read(std::string_view key, absl::Duration& target) {
  std::optional<absl::Duration> duration;
  Read(key, duration);
  if (duration) target = *duration;
}

void ArgsReader::Read(std::string_view key, std::vector<std::string>& target) {
  const nlohmann::json* value = Take(key);
  if (value == nullptr) return;
  if (!value->is_array()) return RejectType(key, "a list", *value);
  target.clear();
  for (std::size_t i = 0; i < value->size(); ++i) {
    const nlohmann::json& item = (*value)[i];
    if (item.is_string()) {
      target.push_back(item.get<std::string>());
    } else {
      RejectType(absl::StrCat(ToAbsl(key), "[", i, "]"), "text", item);
    }
  }
}

bool ArgsReader::ReadObject(std::string_view key, const ReadNested& read) {
  const nlohmann::json* value = Take(key);
  if (value == nullptr) return false;
  ReadAt(*value, absl::StrCat(path_, ".", ToAbsl(key)), read);
  return true;
}

bool ArgsReader::ReadObjects(std::string_view key, const ReadNested& read) {
  const nlohmann::json* value = Take(key);
  if (value == nullptr) return false;
  if (!value->is_array()) {
    RejectType(key, "a list", *value);
    return true;
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    ReadAt((*value)[i], absl::StrCat(path_, ".", ToAbsl(key), "[", i, "]"), read);
  }
  return true;
}

void ArgsReader::ReadAt(const nlohmann::json& value, std::string path, const ReadNested& read) {
  ArgsReader nested(value.is_null() ? EmptyObject() : value, std::move(path), Nested{});
  // What is no object has one mistake, not one for each key that it lacks.
  if (nested.mistakes_.empty()) {
    read(nested);
    nested.RejectUnknownKeys();
  }
  std::move(nested.mistakes_.begin(), nested.mistakes_.end(), std::back_inserter(mistakes_));
}

void ArgsReader::Reject(std::string_view key, std::string_view message) {
  mistakes_.push_back(
      absl::StrCat(path_, key.empty() ? "" : ".", ToAbsl(key), ": ", ToAbsl(message)));
}

void ArgsReader::Adopt(const absl::Status& status) {
  if (status.ok()) return;
  for (absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    mistakes_.emplace_back(line);
  }
}

void ArgsReader::RejectType(std::string_view key, std::string_view wanted,
                            const nlohmann::json& value) {
  Reject(key, absl::StrCat("want ", ToAbsl(wanted), ", got ", Show(value)));
}

void ArgsReader::RejectUnknownKeys() {
  if (!args_.is_object()) return;
  for (const auto& item : args_.items()) {
    const std::string& key = item.key();
    if (envelope_ && (key == "apiVersion" || key == "kind")) continue;
    if (std::find(known_keys_.begin(), known_keys_.end(), key) != known_keys_.end()) continue;
    Reject("", absl::StrCat("unknown key ", Quoted(key),
                            known_keys_.empty()
                                ? ", there are no arguments"
                                : absl::StrCat(", did you mean ",
                                               ToAbsl(NearestName(key, known_keys_)), "?")));
  }
}

absl::Status ArgsReader::Finish() {
  RejectUnknownKeys();
  if (mistakes_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(mistakes_, "\n"));
}

absl::Status MovePaths(const absl::Status& status, std::string_view kind, std::string_view path) {
  if (status.ok()) return status;
  std::vector<std::string> lines = absl::StrSplit(status.message(), '\n');
  for (std::string& line : lines) {
    std::string_view rest = line;
    if (absl::StartsWith(line, ToAbsl(kind))) rest.remove_prefix(kind.size());
    if (rest.size() == line.size() || rest.empty() || (rest[0] != '.' && rest[0] != ':')) {
      // It says nothing of where it is: a check behind the reading.
      line = path.empty() ? line : absl::StrCat(ToAbsl(path), ": ", line);
      continue;
    }
    if (path.empty()) rest.remove_prefix(rest[0] == ':' ? 2 : 1);
    line = absl::StrCat(ToAbsl(path), ToAbsl(rest));
  }
  return {status.code(), absl::StrJoin(lines, "\n")};
}

}  // namespace heat_scheduler
