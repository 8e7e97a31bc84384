#include "cluster/list.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler::cluster {
namespace {

// Where a list goes on: after `start`, as of `resource_version`.
struct ContinuePoint {
  std::int64_t resource_version = 0;
  std::string start;
};

std::string EncodeContinue(const ContinuePoint& point) {
  const Json token = {
      {"v", "meta.k8s.io/v1"}, {"rv", point.resource_version}, {"start", point.start}};
  return absl::WebSafeBase64Escape(Dump(token));
}

Outcome<ContinuePoint> DecodeContinue(std::string_view token) {
  std::string text;
  if (absl::WebSafeBase64Unescape(ToAbsl(token), &text)) {
    const absl::StatusOr<Json> json = ParseJson(text);
    if (json.ok()) {
      const auto version = IntegerAt(*json, {"rv"});
      const std::string_view start = TextAt(*json, {"start"});
      if (version.has_value() && *version > 0 && !start.empty()) {
        return ContinuePoint{*version, std::string(start)};
      }
    }
  }
  return BadRequest("continue key is not valid");
}

// What the query's resourceVersion and its match ask for: a snapshot (its number), or the newest
// state (0).
Outcome<std::int64_t> WantedSnapshot(const Store& store, const ListOptions& options) {
  ASSIGN_OR_RETURN(const std::int64_t version, ParseResourceVersion(options.resource_version));
  const std::string& match = options.resource_version_match;
  if (!match.empty() && options.resource_version.empty()) {
    return BadRequest("resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  if (!match.empty() && match != "Exact" && match != "NotOlderThan") {
    return BadRequest(absl::StrCat("resourceVersionMatch: Unsupported value: \"", match,
                                   "\": supported values: \"Exact\", \"NotOlderThan\""));
  }
  if (match == "Exact" && version == 0) {
    return BadRequest("resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"");
  }
  if (version > store.resource_version()) {
    return TooLargeResourceVersion(version, store.resource_version());
  }
  // Without a match, a limit makes a version exact: pages must fit together.
  const bool exact = match == "Exact" || (match.empty() && options.limit > 0);
  return exact ? version : 0;
}

ObjectList TakePage(const Store::Objects& objects, const ListOptions& options,
                    const std::string& start_after, std::int64_t resource_version) {
  ObjectList page;
  page.resource_version = resource_version;
  const std::string& home = options.selection.namespace_;
  const std::string prefix = home.empty() ? "" : absl::StrCat(home, "/");
  auto it = objects.lower_bound(prefix);
  if (!start_after.empty() && start_after >= prefix) it = objects.upper_bound(start_after);
  std::string last;
  for (; it != objects.end(); ++it) {
    if (it->first.compare(0, prefix.size(), prefix) != 0) break;
    if (!options.selection.Picks(it->second->json())) continue;
    if (options.limit > 0 && static_cast<std::int64_t>(page.items.size()) == options.limit) {
      page.continue_token = EncodeContinue({resource_version, last});
      break;
    }
    page.items.push_back(it->second);
    last = it->first;
  }
  const bool countable = options.selection.labels.empty() && options.selection.fields.empty();
  if (page.continue_token.empty() || !countable) return page;
  for (; it != objects.end() && it->first.compare(0, prefix.size(), prefix) == 0; ++it) {
    ++page.remaining;
  }
  return page;
}

}  // namespace

Outcome<std::int64_t> ParseResourceVersion(std::string_view text) {
  if (text.empty()) return std::int64_t{0};
  const std::optional<std::int64_t> number = ParseInt64(text);
  if (!number.has_value() || *number < 0) {
    return BadRequest(absl::StrCat("Invalid value: \"", ToAbsl(text),
                                   "\": resourceVersion must be an unsigned integer"));
  }
  return *number;
}

Outcome<ObjectList> ListObjects(const Store& store, const ResourceInfo& resource,
                                const ListOptions& options) {
  ContinuePoint from;
  if (!options.continue_token.empty()) {
    if (!options.resource_version.empty() && options.resource_version != "0") {
      return BadRequest("specifying resource version is not allowed when using continue");
    }
    ASSIGN_OR_RETURN(from, DecodeContinue(options.continue_token));
  } else {
    ASSIGN_OR_RETURN(from.resource_version, WantedSnapshot(store, options));
  }
  const std::int64_t wanted = from.resource_version;
  if (wanted == 0 || wanted == store.resource_version()) {
    return TakePage(store.All(resource), options, from.start, store.resource_version());
  }
  if (wanted >= store.LastWrite(resource) && wanted < store.resource_version()) {
    return TakePage(store.All(resource), options, from.start, wanted);
  }
  auto snapshot = store.AsOf(resource, wanted);
  if (!snapshot.ok() && !options.continue_token.empty()) {
    return Expired(
        "The provided continue parameter is too old to display a consistent list result. You must "
        "start a new list without the continue parameter.");
  }
  if (!snapshot.ok()) return snapshot.error();
  return TakePage(*snapshot, options, from.start, wanted);
}

}  // namespace heat_scheduler::cluster
