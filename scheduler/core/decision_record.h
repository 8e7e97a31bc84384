// Fills in a DecisionRecord, for those who asked for one; a decision is the same without it.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "scheduler/core/selection.h"

namespace heat_scheduler {

// Starts the record of a cycle: an entry for every node, with what the filters said; only one for
// a nominated node that passed.
void RecordFilters(const Cycle& cycle, const Selection& selection, NodeSpan feasible,
                   DecisionRecord& record);

// Notes that of the nodes that passed only `searched`, which are in node order, stay in the race.
void RecordSample(NodeSpan searched, DecisionRecord& record);

// Notes the nodes that a set filter dropped; `nodes` and `keep` are in node order.
void RecordSetFilter(const Plugin* plugin, NodeSpan nodes, absl::Span<const std::uint8_t> keep,
                     DecisionRecord& record);

// Notes one plugin's scores of `nodes`, which are in node order.
void RecordScores(const Plugin* plugin, std::int64_t weight, NodeSpan nodes,
                  absl::Span<const std::int64_t> raw, absl::Span<const std::int64_t> normalized,
                  DecisionRecord& record);

}  // namespace heat_scheduler
