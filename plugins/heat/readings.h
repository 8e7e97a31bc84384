// What nodes say of their temperature, parsed once for each version of a node.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "kube/codec.h"
#include "kube/objects.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

// One node's reading.
struct Reading {
  std::optional<double> celsius;       // Absent: there is none, or it is malformed.
  std::optional<absl::Time> taken_at;  // Absent: it is not said, or malformed.
};

// How long readings count.
//
// With a limit, a reading is fresh from `limit` before to `limit` after the time at which it was
// taken, and stale else; one that does not say when it was taken is stale. The time before is there
// for clocks that are apart; a date further ahead is no better than none. Without a limit, every
// reading is fresh.
class Freshness {
 public:
  explicit Freshness(std::optional<absl::Duration> limit) : limit_(limit) {}

  bool IsFresh(const Reading& reading, absl::Time now) const;
  // Returns the next time at which IsFresh changes, or nothing if it never will.
  std::optional<absl::Time> ChangesAt(const Reading& reading, absl::Time now) const;
  bool limited() const { return limit_.has_value(); }

 private:
  std::optional<absl::Duration> limit_;
};

// Reads annotations, and remembers what it read as long as a row has the same node object: a
// reading is a function of that object alone. Logs each new reading at level debug.
// Thread-compatible, const methods included.
class Readings {
 public:
  Readings(std::string annotation, std::string time_annotation)
      : annotation_(std::move(annotation)), time_annotation_(std::move(time_annotation)) {}

  // Returns the reading of a living node; valid until the next call.
  const Reading& Of(const ClusterState& cluster, NodeId node) const;

 private:
  struct Kept {
    kube::Ref<kube::Node> node;  // Held, so that no other node can come by its address.
    Reading reading;
  };

  Reading Parse(const kube::Node& node) const;

  const std::string annotation_;
  const std::string time_annotation_;
  mutable std::vector<Kept> kept_;  // By row.
};

}  // namespace heat_scheduler
