#include "cluster/strategic_merge.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace heat_scheduler::cluster {
namespace {

constexpr std::string_view kDirective = "$patch";
constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kSetOrder = "$setElementOrder/";
constexpr std::string_view kDeletePrimitives = "$deleteFromPrimitiveList/";

struct MergeKey {
  std::string_view list;
  std::string_view key;
};

// patchMergeKey by the list's field name.
constexpr MergeKey kMergeKeys[] = {
    {"addresses", "type"},
    {"conditions", "type"},
    {"containers", "name"},
    {"drivers", "name"},
    {"env", "name"},
    {"ephemeralContainers", "name"},
    {"hostAliases", "ip"},
    {"hostIPs", "ip"},
    {"imagePullSecrets", "name"},
    {"initContainers", "name"},
    {"ownerReferences", "uid"},
    {"podIPs", "ip"},
    {"resourceClaimStatuses", "name"},
    {"resourceClaims", "name"},
    {"schedulingGates", "name"},
    {"secrets", "name"},
    {"topologySpreadConstraints", "topologyKey"},
    {"volumeDevices", "devicePath"},
    {"volumeMounts", "mountPath"},
    {"volumes", "name"},
};

// Lists of text that merge as sets.
constexpr std::string_view kPrimitiveSets[] = {"finalizers", "podCIDRs"};

// The merge key of a list, or nothing if the list is replaced as a whole. A container's ports merge
// by containerPort, a service's by port.
std::string_view MergeKeyOf(std::string_view field, const Json& list) {
  if (field == "ports") {
    const bool of_container =
        !list.empty() && list.front().is_object() && list.front().contains("containerPort");
    return of_container ? "containerPort" : "port";
  }
  for (const MergeKey& row : kMergeKeys) {
    if (row.list == field) return row.key;
  }
  return {};
}

bool IsPrimitiveSet(std::string_view field) {
  return std::find(std::begin(kPrimitiveSets), std::end(kPrimitiveSets), field) !=
         std::end(kPrimitiveSets);
}

bool IsDirective(std::string_view key) { return !key.empty() && key.front() == '$'; }

// Returns a patch's value as it is stored where there was none: without directives and nulls.
Json Bare(const Json& value) {
  if (value.is_object()) {
    Json bare = Json::object();
    for (const auto& [key, member] : value.items()) {
      if (!IsDirective(key) && !member.is_null()) bare[key] = Bare(member);
    }
    return bare;
  }
  if (value.is_array()) {
    Json bare = Json::array();
    for (const Json& element : value) {
      // An element that only deletes, or only directs, adds nothing.
      if (element.is_object() && element.contains(kDirective)) continue;
      bare.push_back(Bare(element));
    }
    return bare;
  }
  return value;
}

Json::iterator FindElement(Json& list, std::string_view key, const Json& wanted) {
  return std::find_if(list.begin(), list.end(), [&](const Json& element) {
    const Json* own = Find(element, {key});
    return own != nullptr && *own == wanted;
  });
}

Refusal MergeObject(Json& target, const Json& patch);

Refusal MergeElement(Json& list, std::string_view field, std::string_view key,
                     const Json& element) {
  if (!element.is_object()) {
    return BadRequest(absl::StrCat("an element of ", ToAbsl(field), " is not an object"));
  }
  const std::string_view directive = TextAt(element, {kDirective});
  if (directive == "replace") return std::nullopt;  // Dealt with for the list as a whole.
  const Json* identity = Find(element, {key});
  if (identity == nullptr) {
    return BadRequest(absl::StrCat("map: ", Dump(element),
                                   " does not contain declared merge key: ", ToAbsl(key)));
  }
  const auto found = FindElement(list, key, *identity);
  if (directive == "delete") {
    if (found != list.end()) list.erase(found);
    return std::nullopt;
  }
  if (found == list.end()) {
    list.push_back(Bare(element));
    return std::nullopt;
  }
  return MergeObject(*found, element);
}

Refusal MergeList(Json& target, std::string_view field, const Json& patch) {
  const bool replace = std::any_of(patch.begin(), patch.end(), [](const Json& element) {
    return TextAt(element, {kDirective}) == "replace";
  });
  const std::string_view key = MergeKeyOf(field, patch);
  if (replace || !target.is_array()) {
    target = Bare(patch);
    return std::nullopt;
  }
  if (IsPrimitiveSet(field)) {
    for (const Json& element : patch) {
      if (std::find(target.begin(), target.end(), element) == target.end()) {
        target.push_back(element);
      }
    }
    return std::nullopt;
  }
  if (key.empty()) {
    target = Bare(patch);
    return std::nullopt;
  }
  for (const Json& element : patch) {
    if (Refusal refusal = MergeElement(target, field, key, element)) return refusal;
  }
  return std::nullopt;
}

// The position of an element in the wished order, or nothing.
std::optional<std::size_t> WishedPosition(const Json& order, std::string_view key,
                                          const Json& element) {
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (!order[i].is_object()) {
      if (order[i] == element) return i;
      continue;
    }
    const Json* wished = Find(order[i], {key});
    const Json* own = Find(element, {key});
    if (wished != nullptr && own != nullptr && *wished == *own) return i;
  }
  return std::nullopt;
}

// Puts the elements that `order` lists into its order; the others stay where they are.
void Reorder(Json& list, std::string_view field, const Json& order) {
  if (!list.is_array() || !order.is_array()) return;
  const std::string_view key = MergeKeyOf(field, order);
  std::vector<std::pair<std::size_t, Json>> listed;
  for (const Json& element : list) {
    if (const auto position = WishedPosition(order, key, element)) {
      listed.emplace_back(*position, element);
    }
  }
  std::stable_sort(listed.begin(), listed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::size_t next = 0;
  for (Json& element : list) {
    if (WishedPosition(order, key, element)) element = std::move(listed[next++].second);
  }
}

void DeletePrimitives(Json& list, const Json& doomed) {
  if (!list.is_array() || !doomed.is_array()) return;
  Json kept = Json::array();
  for (Json& element : list) {
    if (std::find(doomed.begin(), doomed.end(), element) == doomed.end()) {
      kept.push_back(std::move(element));
    }
  }
  list = std::move(kept);
}

// Applies the members of a patch that direct rather than hold.
void ApplyDirectives(Json& target, const Json& patch) {
  for (const auto& [key, value] : patch.items()) {
    const std::string_view name = key;
    if (name.substr(0, kDeletePrimitives.size()) == kDeletePrimitives) {
      const std::string field(name.substr(kDeletePrimitives.size()));
      if (target.contains(field)) DeletePrimitives(target[field], value);
    } else if (name.substr(0, kSetOrder.size()) == kSetOrder) {
      const std::string field(name.substr(kSetOrder.size()));
      if (target.contains(field)) Reorder(target[field], field, value);
    }
  }
  const Json& retained = ArrayAt(patch, {kRetainKeys});
  if (retained.empty()) return;
  for (auto it = target.begin(); it != target.end();) {
    const bool keep = std::find(retained.begin(), retained.end(), Json(it.key())) != retained.end();
    it = keep ? std::next(it) : target.erase(it);
  }
}

Refusal MergeObject(Json& target, const Json& patch) {
  if (const Json* directive = Find(patch, {kDirective})) {
    const std::string_view word = TextAt(patch, {kDirective});
    if (word == "replace") {
      target = Bare(patch);
      return std::nullopt;
    }
    if (word == "delete") {
      target = Json::object();
      return std::nullopt;
    }
    if (word != "merge") {
      return BadRequest(absl::StrCat("unknown patch type found: ", Dump(*directive)));
    }
  }
  if (!target.is_object()) target = Json::object();
  for (const auto& [key, value] : patch.items()) {
    if (IsDirective(key)) continue;
    const auto found = target.find(key);
    if (value.is_null()) {
      if (found != target.end()) target.erase(found);
    } else if (value.is_object() && found != target.end() && found->is_object()) {
      if (Refusal refusal = MergeObject(*found, value)) return refusal;
    } else if (value.is_array() && found != target.end()) {
      if (Refusal refusal = MergeList(*found, key, value)) return refusal;
    } else {
      target[key] = Bare(value);
    }
  }
  ApplyDirectives(target, patch);
  return std::nullopt;
}

}  // namespace

Outcome<Json> StrategicMerge(const Json& document, const Json& patch) {
  Json merged = document;
  if (Refusal refusal = MergeObject(merged, patch)) return *std::move(refusal);
  return merged;
}

}  // namespace heat_scheduler::cluster
