// What happened in a run, as plain data: the writes that the API accepted, in their order, and the
// decisions of the scheduler with what it had been told at that moment.
//
// A decision is judged by the state that it could know. That state is a View: the resourceVersions
// up to which pods, nodes and disruption budgets had been delivered to the instance that decided.
// RunHistory gives back every object as it was at any version. Plain data, so that the checker is
// tested with histories written by hand. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "kube/codec.h"
#include "kube/objects.h"
#include "tests/faults/fit.h"

namespace heat_scheduler {

// How far an instance had been told. Each kind comes by a stream of its own.
struct View {
  std::int64_t pods = 0;
  std::int64_t nodes = 0;
  std::int64_t budgets = 0;

  friend bool operator==(const View&, const View&) = default;
};

// The far end: as of the newest write.
inline constexpr std::int64_t kNewest = INT64_MAX;

// One accepted write to a pod, a node or a disruption budget: one of the pairs is used. Null
// before: created; null after: deleted.
struct WriteEntry {
  std::int64_t resource_version = 0;  // Rises from write to write.
  absl::Duration time;
  std::string operation;  // "create", "update", "bind", "delete", ...
  bool ours = false;      // Written by the scheduler under test.
  // Of our bind or deletion: the decision that it carries out; 0: none is known.
  std::size_t decision = 0;
  kube::Ref<kube::Pod> pod_before, pod_after;
  kube::Ref<kube::Node> node_before, node_after;
  kube::Ref<kube::PodDisruptionBudget> budget_before, budget_after;
};

// UID of pod to name of node: what a scheduler keeps room for.
using Nominations = std::map<std::string, std::string>;

// One attempt of the scheduler to place one pod.
struct Decision {
  absl::Duration time;
  int instance = 1;  // Which start of the scheduler: rises with every restart.
  std::string pod_uid;
  std::string node;  // Empty: it fits nowhere.
  View view;
  std::string preempts_on = {};           // Where others have to leave for it, if it fits nowhere.
  std::vector<std::string> victims = {};  // UIDs of those others.
  Nominations nominations = {};           // As its instance had them before.
};

class RunHistory {
 public:
  // Appends; returns the number of a decision, from 1.
  void Add(const WriteEntry& write);
  std::size_t Add(Decision decision);

  // Returns the decision of that number; it must exist.
  const Decision& decision(std::size_t number) const { return decisions_[number - 1]; }
  std::size_t decision_count() const { return decisions_.size(); }

  // Returns the object as it was once the write of that version was done, or null.
  kube::Ref<kube::Pod> PodAt(std::string_view uid, std::int64_t version) const;
  kube::Ref<kube::Node> NodeAt(std::string_view name, std::int64_t version) const;

  // Returns the pods that held room on the node then: bound and not ended; in the order in which
  // they first were on it.
  PodRefs PodsOn(std::string_view node, std::int64_t version) const;

  // Returns the pods of that schedulerName that were on no node then and had not ended, by UID.
  PodRefs PendingAt(std::string_view scheduler_name, std::int64_t version) const;

  // Returns all pods, or nodes, that were there then, by UID, or name.
  PodRefs PodsAt(std::int64_t version) const;
  std::vector<kube::Ref<kube::Node>> NodesAt(std::int64_t version) const;

  // Returns all disruption budgets that were there then, by namespace and name.
  std::vector<kube::Ref<kube::PodDisruptionBudget>> BudgetsAt(std::int64_t version) const;

  // Returns the version with which the pod of that UID was created; 0 if it never was.
  std::int64_t CreatedAt(std::string_view uid) const;

 private:
  template <typename T>
  using Versions = std::vector<std::pair<std::int64_t, kube::Ref<T>>>;

  std::map<std::string, Versions<kube::Pod>, std::less<>> pods_;    // By UID.
  std::map<std::string, Versions<kube::Node>, std::less<>> nodes_;  // By name.
  std::map<std::string, Versions<kube::PodDisruptionBudget>, std::less<>> budgets_;
  std::map<std::string, std::vector<std::string>, std::less<>> ever_on_;  // Node to pod UIDs.
  std::vector<Decision> decisions_;
};

}  // namespace heat_scheduler
