// The living nodes by position, in node order, and the position of each row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

class NodeOrder {
 public:
  // Looks again if the nodes are others than last time.
  void Update(const ClusterState& cluster) {
    if (known_ && version_ == cluster.node_list_version()) return;
    known_ = true;
    version_ = cluster.node_list_version();
    nodes_.assign(cluster.nodes().begin(), cluster.nodes().end());
    positions_.resize(cluster.columns().name.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      positions_[nodes_[i]] = static_cast<std::uint32_t>(i);
    }
  }

  std::uint64_t version() const { return version_; }
  std::size_t size() const { return nodes_.size(); }
  NodeId At(std::size_t position) const { return nodes_[position]; }
  // The row must be that of a living node.
  std::size_t Of(NodeId row) const { return positions_[row]; }

 private:
  bool known_ = false;
  std::uint64_t version_ = 0;
  std::vector<NodeId> nodes_;
  std::vector<std::uint32_t> positions_;
};

}  // namespace heat_scheduler
