#include "tests/live/exposition_parser.h"

#include <cctype>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace {

std::size_t NameLength(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[length])) != 0 || text[length] == '_')) {
    ++length;
  }
  return length;
}

// Returns the length of "{name="value",...}" at the start of the text, or nothing if it is broken.
std::optional<std::size_t> LabelsLength(std::string_view text) {
  std::size_t at = 1;
  while (true) {
    const std::size_t name = NameLength(text.substr(at));
    at += name;
    if (name == 0 || !text.substr(at).starts_with("=\"")) return std::nullopt;
    for (at += 2; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\') ++at;
    }
    if (at + 1 >= text.size()) return std::nullopt;
    ++at;
    if (text[at] == '}') return at + 1;
    if (text[at] != ',') return std::nullopt;
    ++at;
  }
}

std::optional<double> SampleValue(std::string_view text) {
  if (text == "+Inf") return std::numeric_limits<double>::infinity();
  return ParseDouble(text);
}

bool BelongsTo(std::string_view name, const std::string& family, std::string_view type) {
  if (name == family) return type != "histogram";
  if (type != "histogram" || !name.starts_with(family)) return false;
  name.remove_prefix(family.size());
  return name == "_bucket" || name == "_sum" || name == "_count";
}

}  // namespace

absl::StatusOr<std::map<std::string, ParsedFamily>> ParseExposition(std::string_view text) {
  std::map<std::string, ParsedFamily> families;
  std::set<std::string> series;
  std::string current;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return absl::InvalidArgumentError("no newline at the end");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const auto error = [&](const char* what) {
      return absl::InvalidArgumentError(absl::StrCat(what, ": ", ToAbsl(line)));
    };
    if (line.starts_with("# HELP ")) continue;
    if (line.starts_with("# TYPE ")) {
      const std::string_view rest = line.substr(7);
      current = std::string(rest.substr(0, NameLength(rest)));
      if (families.contains(current)) return error("a family twice");
      families[current].type = std::string(rest.substr(current.size() + 1));
      continue;
    }
    std::size_t length = NameLength(line);
    const std::string_view name = line.substr(0, length);
    if (current.empty() || !BelongsTo(name, current, families[current].type)) {
      return error("a sample outside its family");
    }
    if (length < line.size() && line[length] == '{') {
      const auto labels = LabelsLength(line.substr(length));
      if (!labels) return error("broken labels");
      length += *labels;
    }
    if (length >= line.size() || line[length] != ' ') return error("no value");
    const auto value = SampleValue(line.substr(length + 1));
    if (!value) return error("the value is no number");
    const std::string key(line.substr(0, length));
    if (!series.insert(key).second) return error("a series twice");
    families[current].samples.emplace_back(key, *value);
  }
  return families;
}

}  // namespace heat_scheduler
