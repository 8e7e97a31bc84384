#include "cluster/json.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace heat_scheduler::cluster {
namespace {

// True if brackets nest deeper than `limit`. Text in quotes is skipped; malformed text is left to
// the parser.
bool NestsDeeper(std::string_view text, int limit) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limit) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<Json> ParseJson(std::string_view text) {
  if (NestsDeeper(text, kMaxJsonDepth)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the JSON document nests deeper than ", kMaxJsonDepth, " levels"));
  }
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json* Find(const Json& json, Path path) {
  const Json* at = &json;
  for (const std::string_view key : path) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(key);
    if (found == at->end() || found->is_null()) return nullptr;
    at = &*found;
  }
  return at;
}

std::string_view TextAt(const Json& json, Path path) {
  const Json* at = Find(json, path);
  if (at == nullptr || !at->is_string()) return {};
  return at->get_ref<const std::string&>();
}

const Json& ArrayAt(const Json& json, Path path) {
  static const Json& empty = *new Json(Json::array());
  const Json* at = Find(json, path);
  return at != nullptr && at->is_array() ? *at : empty;
}

const Json& ObjectAt(const Json& json, Path path) {
  static const Json& empty = *new Json(Json::object());
  const Json* at = Find(json, path);
  return at != nullptr && at->is_object() ? *at : empty;
}

std::optional<std::int64_t> IntegerAt(const Json& json, Path path) {
  const Json* at = Find(json, path);
  if (at == nullptr || !at->is_number_integer()) return std::nullopt;
  if (at->is_number_unsigned() && at->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  return at->get<std::int64_t>();
}

bool TrueAt(const Json& json, Path path) {
  const Json* at = Find(json, path);
  return at != nullptr && at->is_boolean() && at->get<bool>();
}

Json& EnsureObject(Json& parent, std::string_view key) {
  Json& child = parent[std::string(key)];
  if (!child.is_object()) child = Json::object();
  return child;
}

Json& EnsureArray(Json& parent, std::string_view key) {
  Json& child = parent[std::string(key)];
  if (!child.is_array()) child = Json::array();
  return child;
}

void SetDefault(Json& object, std::string_view key, Json value) {
  Json& member = object[std::string(key)];
  if (member.is_null()) member = std::move(value);
}

}  // namespace heat_scheduler::cluster
