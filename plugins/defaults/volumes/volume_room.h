// How many more volumes each node surely takes, so that nodes with plenty of room need no look.
//
// Each claim of a node's pods is taken for a volume of its own, and each volume for one of the
// driver that takes the fewest: what there is room for by that, there is. Nodes whose pods have
// disks or ephemeral volumes count as full, since those have to be looked at in any case. Kept up
// to date row by row. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "scheduler/framework/cycle.h"

namespace heat_scheduler {

class VolumeRoom final : public PluginState {
 public:
  // Takes in what has changed. Always of the same cluster.
  void Update(const ClusterState& cluster);

  // Adds the rows that may have room for fewer than `volumes`. Returns false if all may.
  bool FindNodesWithLess(std::size_t volumes, std::vector<NodeId>& rows) const;

  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<VolumeRoom>(*this);
  }

 private:
  // From so much on it does not matter how much there is.
  static constexpr std::int64_t kPlenty = 16;

  static std::int64_t RoomOn(const ClusterState& cluster, NodeId row);

  bool known_ = false;
  std::uint64_t sequence_ = 0;
  std::uint64_t csi_nodes_ = 0;
  std::uint64_t attachments_ = 0;
  std::vector<std::uint8_t> room_;  // By row; kPlenty stands for more, too.
  std::set<NodeId> narrow_;         // Rows with less than that.
  std::vector<NodeId> rows_;
  std::vector<Inputs> what_;
};

}  // namespace heat_scheduler
