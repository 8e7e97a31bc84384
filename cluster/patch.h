// Applies patches to documents: JSON patch, merge patch, strategic merge patch, and server-side
// apply in its plainest form.
//
// Source: RFC 6902, RFC 7386; k8s.io/apimachinery pkg/util/strategicpatch for the third.
#pragma once

#include <optional>
#include <string_view>

#include "cluster/api_error.h"
#include "cluster/json.h"

namespace heat_scheduler::cluster {

enum class PatchType { kJson, kMerge, kStrategicMerge, kApply };

// The media types of patches, for error messages.
inline constexpr std::string_view kPatchMediaTypes =
    "application/json-patch+json, application/merge-patch+json, "
    "application/strategic-merge-patch+json, application/apply-patch+yaml";

// Returns the type that a Content-Type names, or nothing.
std::optional<PatchType> PatchTypeOf(std::string_view content_type);

// Returns `document` patched. BadRequest if the patch is malformed, 422 if a JSON patch does not
// fit the document. kApply merges as kStrategicMerge: there are no field managers.
Outcome<Json> ApplyPatch(PatchType type, const Json& document, const Json& patch);

}  // namespace heat_scheduler::cluster
