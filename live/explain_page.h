// /explain/<namespace>/<pod> of the secure port: what was decided about a pod, and why, as the JSON
// document of docs/decision-record.md; ?decision=N asks for an earlier decision than the last.
//
// 400 for another path or number, 404 with a sentence where there is no decision to tell of. Made
// when it is asked for, on the loop's thread, in time in proportion to the cluster.
#pragma once

#include "live/page.h"
#include "scheduler/explain/explainer.h"

namespace heat_scheduler {

// Where the page is to be added.
inline constexpr char kExplainPath[] = "/explain/";

// Returns the page. Borrows the explainer.
Page ExplainPage(const Explainer& explainer);

}  // namespace heat_scheduler
