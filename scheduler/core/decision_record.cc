#include "scheduler/core/decision_record.h"

#include <cstddef>

namespace heat_scheduler {
namespace {

// Calls visit(i, entry) for each of `nodes` with its entry. Both are in node order.
template <typename Visit>
void ForEachEntry(NodeSpan nodes, DecisionRecord& record, Visit visit) {
  auto entry = record.nodes.begin();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    while (entry->node != nodes[i]) ++entry;
    visit(i, *entry);
  }
}

}  // namespace

void RecordFilters(const Cycle& cycle, const Selection& selection, NodeSpan feasible,
                   DecisionRecord& record) {
  const Diagnosis& diagnosis = selection.diagnosis;
  record = {};
  if (!diagnosis.pre_filter.ok()) return;
  record.nominated = selection.nominated;
  const NodeSpan nodes = selection.nominated ? feasible : cycle.cluster.nodes();
  for (NodeId node : nodes) record.nodes.emplace_back().node = node;
  auto entry = record.nodes.begin();
  for (const NodeRejection& rejection : diagnosis.rejections.List()) {
    while (entry->node != rejection.node) ++entry;
    entry->verdict = rejection.verdict;
    if (rejection.filter == nullptr) {
      entry->reasons = {diagnosis.narrowed_reason};
    } else {
      entry->rejected_by = rejection.filter->plugin;
      entry->reasons = rejection.filter->point->Reasons(cycle, rejection.verdict);
    }
  }
}

void RecordSample(NodeSpan searched, DecisionRecord& record) {
  for (DecisionRecord::NodeEntry& entry : record.nodes) entry.left_out = entry.verdict.ok();
  ForEachEntry(searched, record,
               [](std::size_t /*i*/, DecisionRecord::NodeEntry& entry) { entry.left_out = false; });
}

void RecordSetFilter(const Plugin* plugin, NodeSpan nodes, absl::Span<const std::uint8_t> keep,
                     DecisionRecord& record) {
  ForEachEntry(nodes, record, [&](std::size_t i, DecisionRecord::NodeEntry& entry) {
    if (keep[i] != 0) return;
    entry.rejected_by = plugin;
    entry.dropped_by_set_filter = true;
  });
}

void RecordScores(const Plugin* plugin, std::int64_t weight, NodeSpan nodes,
                  absl::Span<const std::int64_t> raw, absl::Span<const std::int64_t> normalized,
                  DecisionRecord& record) {
  ForEachEntry(nodes, record, [&](std::size_t i, DecisionRecord::NodeEntry& entry) {
    entry.scores.push_back({plugin, raw[i], normalized[i], normalized[i] * weight});
    entry.total += normalized[i] * weight;
  });
}

}  // namespace heat_scheduler
