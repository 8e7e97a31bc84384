#include "scheduler/framework/args_reader.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/quote.h"
#include "base/strings.h"
#include "base/time_text.h"

namespace heat_scheduler {
namespace {

// Returns the number of characters to insert, delete or replace to make one text of the other.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

// Returns the value as JSON, safe for a message.
std::string Show(const nlohmann::json& value) {
  if (value.is_string()) return Quoted(value.get_ref<const std::string&>());
  if (value.is_number() && !std::isfinite(value.get<double>())) return "one that is not finite";
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  return value.dump();
}

}  // namespace

ArgsReader::ArgsReader(const nlohmann::json& args, std::string_view kind)
    : args_(args), kind_(kind) {
  if (!args_.is_null() && !args_.is_object()) {
    mistakes_.push_back(absl::StrCat(kind_, ": want an object, got ", Show(args_)));
    return;
  }
  constexpr std::string_view kApiVersion = "kubescheduler.config.k8s.io/v1";
  for (const auto& [key, wanted] :
       {std::pair<std::string_view, std::string_view>{"apiVersion", kApiVersion},
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

void ArgsReader::Read(std::string_view key, std::optional<double>& target) {
  const nlohmann::json* value = Take(key);
  if (value == nullptr) return;
  if (!value->is_number() || !std::isfinite(value->get<double>())) {
    RejectType(key, "a number", *value);
    return;
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
  if (duration) {
    target = *duration;
  } else {
    RejectType(key, "a duration such as \"5m\"", *value);
  }
}

void ArgsReader::Reject(std::string_view key, std::string_view message) {
  mistakes_.push_back(absl::StrCat(kind_, ".", ToAbsl(key), ": ", ToAbsl(message)));
}

void ArgsReader::RejectType(std::string_view key, std::string_view wanted,
                            const nlohmann::json& value) {
  Reject(key, absl::StrCat("want ", ToAbsl(wanted), ", got ", Show(value)));
}

std::string ArgsReader::Suggestion(std::string_view key) const {
  if (known_keys_.empty()) return ", there are no arguments";
  const std::string_view start = key.substr(0, 64);
  // Relative to the length, else "stale" is nearer to "mode" than to "staleAfter".
  const auto distance = [&](const std::string& known) {
    return static_cast<double>(EditDistance(start, known)) /
           static_cast<double>(std::max(start.size(), known.size()));
  };
  const auto nearest = std::min_element(
      known_keys_.begin(), known_keys_.end(),
      [&](const std::string& a, const std::string& b) { return distance(a) < distance(b); });
  return absl::StrCat(", did you mean ", *nearest, "?");
}

absl::Status ArgsReader::Finish() {
  if (args_.is_object()) {
    for (const auto& item : args_.items()) {
      const std::string& key = item.key();
      if (key == "apiVersion" || key == "kind") continue;
      if (std::find(known_keys_.begin(), known_keys_.end(), key) != known_keys_.end()) continue;
      mistakes_.push_back(absl::StrCat(kind_, ": unknown key ", Quoted(key), Suggestion(key)));
    }
  }
  if (mistakes_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(mistakes_, "; "));
}

}  // namespace heat_scheduler
