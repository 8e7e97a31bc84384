// What was decided about a pod, in the form that the corpus has under `expect`.
//
// Both sides are brought into a comparable form: reasons sorted, what is said of nodes by node
// name, in objects. Source of the form: corpus/README.md.
#pragma once

#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "scheduler/core/selection.h"
#include "tests/conformance/replay.h"

namespace heat_scheduler {

// Returns {"plugin", "code", "reasons"}, the reasons sorted.
nlohmann::json AnswerOf(const Status& status);

// Returns what a selection and its record say: preFilter, preFilterNodes, rejected, feasible,
// feasibleCount, nominated, scores, totals, best, bestTotal.
nlohmann::json AnswerOf(const Cycle& cycle, const Selection& selection,
                        const DecisionRecord& record);

// Adds what the PostFilter plugins came to: postFilter, preemption.
void AddPostFilter(const Cycle& cycle, const PostFilterResult& result, nlohmann::json& answer);

// Brings `expect` of a step into the comparable form.
nlohmann::json Comparable(const nlohmann::json& expect);

// Appends every difference of `got` from `expected`, both comparable. Fields that a compact case
// leaves out are not asked for.
void Compare(const nlohmann::json& expected, const nlohmann::json& got, bool compact,
             const Difference& where, std::vector<Difference>& differences);

}  // namespace heat_scheduler
