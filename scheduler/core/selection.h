// Chooses a node for one pod: the interface that FullScan defines and a faster selection must agree
// with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/framework/cycle.h"
#include "scheduler/framework/diagnosis.h"
#include "scheduler/framework/profile.h"
#include "scheduler/framework/verdict.h"

namespace heat_scheduler {

// Which of several best nodes is taken.
enum class TieRule {
  kRotate,  // The first tied node at or after position Mix(seed, decision number) mod N in node
            // order.
  kSmallestName,  // The tied node with the smallest name.
};

// Everything that was said of every node; filled in only when somebody asks.
struct DecisionRecord {
  struct PluginScore {
    const Plugin* plugin = nullptr;
    std::int64_t raw = 0;
    std::int64_t normalized = 0;
    std::int64_t weighted = 0;
  };
  struct NodeEntry {
    NodeId node = kNoNode;
    const Plugin* rejected_by =
        nullptr;  // The first filter (or set filter) that dropped it; null: none did.
    bool dropped_by_set_filter = false;
    bool left_out = false;  // It passed, but enough others were found first.
    Verdict verdict;
    std::vector<std::string> reasons;
    std::vector<PluginScore> scores;  // Of nodes that were scored, in the order of the profile.
    std::int64_t total = 0;
  };
  std::vector<NodeEntry> nodes;  // In node order; those that were looked at.
  std::vector<NodeId> best;      // Nodes with the greatest total, in node order.
  bool nominated = false;        // The best is the pod's nominated node, the only one looked at.
  // With several best and kRotate: the position in node order from which the choice was looked for.
  std::optional<std::size_t> drawn_position;
};

struct Selection {
  enum class Result {
    kChosen,         // `node` is set.
    kUnschedulable,  // It fits nowhere: `diagnosis` says why.
    kWait,           // A PreFilter waits: `status`, `wait`.
    kError,          // A plugin failed: `status`.
  };
  Result result = Result::kUnschedulable;
  NodeId node = kNoNode;
  // It is the pod's nominated node, which passed: no other was looked at, nothing was scored.
  bool nominated = false;
  std::size_t feasible_count = 0;  // Nodes that passed every Filter, before set filters.
  // Of a pod that fits nowhere. Of one that is chosen a node it may say no more than node_count.
  Diagnosis diagnosis;
  Status status;
  WaitFor wait;
  // What each set filter said of its choice: plugin and sentence.
  std::vector<std::pair<const Plugin*, std::string>> set_filter_notes;
};

// The implementations: the specification (full_scan.h), and the fast one (incremental.h).
enum class SelectorKind { kFullScan, kIncremental };

class Selector {
 public:
  virtual ~Selector() = default;

  // Decides for the cycle's pod with the profile's plugins from PreFilter to NormalizeScore.
  // `decision_number` enters only into the choice among ties. With `record`, everything that was
  // said is kept there.
  Selection Select(const Profile& profile, const Cycle& cycle, std::uint64_t decision_number,
                   DecisionRecord* record = nullptr) {
    Selection selection;
    SelectInto(selection, profile, cycle, decision_number, record);
    return selection;
  }

  // The same; `selection` comes in empty.
  virtual void SelectInto(Selection& selection, const Profile& profile, const Cycle& cycle,
                          std::uint64_t decision_number, DecisionRecord* record) = 0;

  // Returns the position at which the next search for only a part of the nodes starts: with what
  // Select is given, all that a decision depends on.
  virtual std::size_t search_start() const = 0;
};

}  // namespace heat_scheduler
