// What the cluster was before each of its last changes, so that an earlier decision can be made
// again on the cluster as it was then.
//
// A list of entries, oldest first: the previous value of what a change replaced, by pointer, and
// one mark for each decision. To go back to a decision is to undo the entries behind its mark on a
// ClusterSnapshot, the last one first. Bounded in bytes: the oldest entries go first, and with them
// what is older than they. Objects count with what they take on the heap from the moment at which
// nothing but this list holds them. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "kube/codec.h"
#include "kube/objects.h"
#include "scheduler/state/assumed_volumes.h"

namespace heat_scheduler {

// A pod as the state knew it before a change.
struct PastPod {
  // As the API showed it; of a pod that was not known, as it came.
  kube::Ref<kube::Pod> pod;
  bool known = false;
  std::string assumed_on;  // Name of the node on which it was assumed; empty: it was not.
  std::string nominated_node_name;
  std::uint64_t counted_at = 0;  // As in PodRecord.
  std::uint64_t nominated_at = 0;
};

// A node before a change; of one that was not there, as it came.
struct PastNode {
  kube::Ref<kube::Node> node;
  bool known = false;
};

// Any other object before a change; of one that was not there, as it came.
struct PastObject {
  kube::Object object;
  bool known = false;
};

// A decision, at the place among the changes at which it was made.
struct DecisionMark {
  kube::Ref<kube::Pod> pod;
  std::uint64_t number = 0;
  Instant now;
  int attempt = 0;               // Of this pod: 1 is the first.
  std::size_t search_start = 0;  // Selector::search_start() before it.
  std::string node;              // The chosen one, or empty.
};

class History {
 public:
  using Entry = std::variant<PastPod, PastNode, PastObject, PastAssumption, DecisionMark>;

  // Keeps about that many bytes.
  explicit History(std::size_t budget) : budget_(budget) {}

  // Adds an entry. `replaces`: its object is held by nobody else from now on.
  void Add(Entry entry, bool replaces = false);

  // The entries that are kept, oldest first.
  struct Kept {
    Entry entry;
    std::size_t bytes = 0;
  };
  const std::deque<Kept>& entries() const { return entries_; }

  // Returns the bytes that the entries take, by estimate.
  std::size_t bytes() const { return bytes_; }

 private:
  const std::size_t budget_;
  std::size_t bytes_ = 0;
  std::deque<Kept> entries_;
};

}  // namespace heat_scheduler
