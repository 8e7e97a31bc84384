// Asks one plugin about one pod, as the framework does, for tests of plugins.
//
// Answers come back as text, so that a row of a table is one line: "ok", or the code and the
// reasons, "Unschedulable: Too many pods, Insufficient cpu".
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "kube/objects.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

// Returns a cluster of these nodes and bound pods (spec.nodeName says where).
std::unique_ptr<ClusterState> MakeCluster(const std::vector<kube::Node>& nodes,
                                          const std::vector<kube::Pod>& pods = {});

// Returns the text of an answer.
std::string Text(Code code, const std::vector<std::string>& reasons);

class Asking {
 public:
  // Makes the pod known to the cluster as a pending one. Its spec.nodeName is what NodeName reads,
  // no more. All borrowed things outlive this.
  Asking(ClusterState& cluster, const kube::Pod& pod, const Plugin& plugin,
         absl::Time now = absl::UnixEpoch());
  ~Asking();

  const Cycle& cycle() const { return cycle_; }

  // Runs PreFilter; "ok" for a plugin that has none.
  std::string PreFilter();
  // The names that PreFilter narrowed the nodes to.
  const std::optional<std::vector<std::string>>& narrowed_to() const { return narrowed_to_; }

  // Runs PreFilter and, unless that said something else than "ok", Filter on all nodes in their
  // order: answers by node.
  std::map<std::string, std::string> Filter();
  // The same on these nodes, in their order.
  std::vector<std::string> FilterNodes(NodeSpan nodes);

  // Runs Score on all nodes: raw points by node.
  std::map<std::string, std::int64_t> Score();

  // Runs PreScore, Score and NormalizeScore on all nodes, or on those named: points by node;
  // nothing if PreScore said "Skip", and -1 everywhere if it said anything else than that or "ok".
  std::optional<std::map<std::string, std::int64_t>> Scored(
      const std::vector<std::string>& names = {});

 private:
  std::map<std::string, std::int64_t> ByNode(NodeSpan nodes,
                                             const std::vector<std::int64_t>& scores) const;

  ClusterState& cluster_;
  const Plugin& plugin_;
  PodRecord record_;
  CycleState cycle_state_;
  Cycle cycle_;
  std::optional<std::vector<std::string>> narrowed_to_;
};

// Returns what the plugin's Filter says of the pod on the one node, beside those pods: a table's
// row.
std::string FilterOne(const Plugin& plugin, const kube::Pod& pod, const kube::Node& node,
                      const std::vector<kube::Pod>& others = {});

}  // namespace heat_scheduler
