#include "cluster/patch.h"

#include <nlohmann/json.hpp>

#include "cluster/strategic_merge.h"

namespace heat_scheduler::cluster {
namespace {

Outcome<Json> ApplyJsonPatch(const Json& document, const Json& patch) {
  if (!patch.is_array()) return BadRequest("a JSON patch is a list of operations");
  try {
    return document.patch(patch);
  } catch (const Json::parse_error& error) {
    return BadRequest(error.what());
  } catch (const Json::exception& error) {
    ApiError refusal = BadRequest(error.what());
    refusal.code = 422;
    refusal.reason = "Invalid";
    return refusal;
  }
}

}  // namespace

std::optional<PatchType> PatchTypeOf(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  if (type == "application/json-patch+json") return PatchType::kJson;
  if (type == "application/merge-patch+json") return PatchType::kMerge;
  if (type == "application/strategic-merge-patch+json") return PatchType::kStrategicMerge;
  if (type == "application/apply-patch+yaml") return PatchType::kApply;
  return std::nullopt;
}

Outcome<Json> ApplyPatch(PatchType type, const Json& document, const Json& patch) {
  if (type == PatchType::kJson) return ApplyJsonPatch(document, patch);
  if (!patch.is_object()) return BadRequest("the patch is not an object");
  if (type == PatchType::kMerge) {
    Json patched = document;
    patched.merge_patch(patch);
    return patched;
  }
  return StrategicMerge(document, patch);
}

}  // namespace heat_scheduler::cluster
