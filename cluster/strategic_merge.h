// Strategic merge patch: a merge patch that knows which lists are sets of named things.
//
// Understands $patch (replace, delete, merge), $setElementOrder/<list>,
// $deleteFromPrimitiveList/<list> and $retainKeys. Which lists merge, and by which key, is a table
// of field names, since no schema is at hand; it covers the kinds that are served. Source:
// k8s.io/apimachinery pkg/util/strategicpatch/patch.go and the patchMergeKey tags of k8s.io/api
// (v0.36).
#pragma once

#include "cluster/api_error.h"
#include "cluster/json.h"

namespace heat_scheduler::cluster {

// Returns `document` with `patch` merged into it; BadRequest for a directive that is malformed or
// an element without the list's merge key.
Outcome<Json> StrategicMerge(const Json& document, const Json& patch);

}  // namespace heat_scheduler::cluster
