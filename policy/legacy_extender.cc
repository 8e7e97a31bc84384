#include "policy/legacy_extender.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/quote.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace {

using nlohmann::json;

template <typename T>
void Move(ArgsReader& reader, std::string_view key, json& into, std::string_view new_key) {
  T value{};
  reader.Read(key, value);
  if (value != T{}) into[std::string(new_key)] = value;
}

void MoveTls(const json* tls, json& extender) {
  if (tls != nullptr && !tls->empty()) extender["tlsConfig"] = *tls;
}

json ConvertExtender(ArgsReader& reader) {
  json extender = json::object();
  for (const char* key : {"urlPrefix", "filterVerb", "preemptVerb", "prioritizeVerb", "bindVerb"}) {
    Move<std::string>(reader, key, extender, key);
  }
  Move<std::int64_t>(reader, "weight", extender, "weight");
  Move<bool>(reader, "enableHttps", extender, "enableHTTPS");
  Move<bool>(reader, "nodeCacheCapable", extender, "nodeCacheCapable");
  Move<bool>(reader, "ignorable", extender, "ignorable");
  MoveTls(reader.Take("tlsConfig"), extender);
  std::int64_t nanoseconds = 0;
  reader.Read("httpTimeout", nanoseconds);
  if (nanoseconds < 0) {
    reader.Reject("httpTimeout", "must not be negative; it is a number of nanoseconds");
  } else if (nanoseconds > 0) {
    extender["httpTimeout"] = absl::FormatDuration(absl::Nanoseconds(nanoseconds));
  }
  if (const json* resources = reader.Take("managedResources")) {
    extender["managedResources"] = *resources;
  }
  if (!extender.contains("urlPrefix")) reader.Reject("urlPrefix", "is required");
  if (extender.contains("prioritizeVerb") && extender.value("weight", std::int64_t{0}) <= 0) {
    reader.Reject("weight", "must be greater than 0 where there is a prioritizeVerb");
  }
  return extender;
}

}  // namespace

const std::vector<std::string>& LegacyExtenderKeys() {
  static const auto& keys = *new std::vector<std::string>{
      "urlPrefix",   "filterVerb",       "preemptVerb",      "prioritizeVerb",
      "weight",      "bindVerb",         "enableHttps",      "tlsConfig",
      "httpTimeout", "nodeCacheCapable", "managedResources", "ignorable"};
  return keys;
}

json WithKnownKeys(const json& object, const std::vector<std::string>& known, std::string_view path,
                   std::vector<std::string>& warnings) {
  if (!object.is_object()) return object;
  json kept = json::object();
  for (const auto& [key, value] : object.items()) {
    const auto found = std::find_if(known.begin(), known.end(), [&key = key](const auto& name) {
      return absl::EqualsIgnoreCase(name, key);
    });
    if (found != known.end()) {
      kept[*found] = value;
    } else {
      warnings.push_back(absl::StrCat(ToAbsl(path), path.empty() ? "" : ": ", "key ", Quoted(key),
                                      " is unknown and ignored"));
    }
  }
  return kept;
}

json ConvertExtenders(ArgsReader& reader) {
  json extenders;
  std::size_t binders = 0;
  reader.ReadObjects("extenders", [&](ArgsReader& one) {
    extenders.push_back(ConvertExtender(one));
    binders += extenders.back().contains("bindVerb") ? 1 : 0;
  });
  if (binders > 1) {
    reader.Reject("extenders", absl::StrCat(binders, " have a bindVerb, at most one may"));
  }
  return extenders;
}

}  // namespace heat_scheduler
