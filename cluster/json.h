// Reads JSON documents of any shape without trusting them.
//
// Lookups never throw: a path that is absent, null or of another type on the way simply is not
// there. Depth is capped before a tree is built, since the library's own recursion over a deep tree
// ends in a crash. Pure functions.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "absl/status/statusor.h"

namespace heat_scheduler::cluster {

using Json = nlohmann::json;
using Path = std::initializer_list<std::string_view>;

// Nesting beyond which a document is refused.
inline constexpr int kMaxJsonDepth = 128;

// Returns the document, or InvalidArgument that says where the text is wrong or that it nests
// deeper than kMaxJsonDepth.
absl::StatusOr<Json> ParseJson(std::string_view text);

// Returns the document as compact text; bytes that are not UTF-8 become U+FFFD.
std::string Dump(const Json& json);

// Returns what is at the path of keys, or nullptr if there is nothing or null.
const Json* Find(const Json& json, Path path);

// Returns the text, array or object at the path; empty if there is none. Borrows from `json`.
std::string_view TextAt(const Json& json, Path path);
const Json& ArrayAt(const Json& json, Path path);
const Json& ObjectAt(const Json& json, Path path);

// Returns the integer at the path, or nothing.
std::optional<std::int64_t> IntegerAt(const Json& json, Path path);

// Returns true if there is `true` at the path.
bool TrueAt(const Json& json, Path path);

// Returns the object at `parent[key]`, made empty if it is not an object yet. `parent` is an object
// or null.
Json& EnsureObject(Json& parent, std::string_view key);

// Returns the array at `parent[key]`, made empty if it is not an array yet.
Json& EnsureArray(Json& parent, std::string_view key);

// Sets `object[key]` to `value` unless it is there and not null.
void SetDefault(Json& object, std::string_view key, Json value);

}  // namespace heat_scheduler::cluster
