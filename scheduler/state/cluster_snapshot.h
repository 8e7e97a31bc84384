// A copy of what a cluster state holds, by pointer, that can go back in time and become a cluster
// state again.
//
// The state that comes out of it answers every question of a plugin as the original did: the same
// nodes, objects and pods, the pods of a row and the nominations to it in the same order. Rows,
// classes and sequences have other numbers, which no decision depends on. Costs time in proportion
// to the cluster, memory for pointers and names. Thread-compatible.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "scheduler/state/cluster_state.h"
#include "scheduler/state/history.h"

namespace heat_scheduler {

class ClusterSnapshot {
 public:
  explicit ClusterSnapshot(const ClusterState& cluster);

  // Takes back the change that an entry of the cluster's history is of; the last one first. Marks
  // of decisions change nothing.
  void Undo(const History::Entry& entry);

  // Fills in a cluster state, which is empty.
  void Restore(ClusterState& cluster) const;

 private:
  using Pods = absl::flat_hash_map<std::string, PastPod>;  // By PodKey.

  void RestorePods(ClusterState& cluster) const;
  void RestoreNominations(ClusterState& cluster) const;

  Pods pods_;
  std::map<std::string, kube::Ref<kube::Node>> nodes_;
  std::map<std::pair<std::size_t, std::string>, kube::Object> objects_;  // By kind, then key.
  std::map<std::pair<bool, std::string>, PastAssumption> assumed_;       // Volumes and claims.
};

}  // namespace heat_scheduler
