#include "plugins/defaults/volumes/volume_room.h"

#include <algorithm>

#include "kube/storage.h"

namespace heat_scheduler {

void VolumeRoom::Update(const ClusterState& cluster) {
  const ClusterObjects& objects = cluster.objects();
  const bool as_before = known_ && csi_nodes_ == objects.version<kube::CsiNode>() &&
                         attachments_ == objects.version<kube::VolumeAttachment>();
  if (!as_before || !cluster.ChangedRows(sequence_, rows_, what_)) {
    rows_.resize(cluster.columns().name.size());
    for (NodeId row = 0; row < rows_.size(); ++row) rows_[row] = row;
    narrow_.clear();
    room_.clear();
  }
  known_ = true;
  sequence_ = cluster.sequence();
  csi_nodes_ = objects.version<kube::CsiNode>();
  attachments_ = objects.version<kube::VolumeAttachment>();
  room_.resize(cluster.columns().name.size(), kPlenty);
  for (const NodeId row : rows_) {
    const auto room =
        static_cast<std::uint8_t>(std::clamp<std::int64_t>(RoomOn(cluster, row), 0, kPlenty));
    if (room == room_[row]) continue;
    if (room == kPlenty) {
      narrow_.erase(row);
    } else {
      narrow_.insert(row);
    }
    room_[row] = room;
  }
}

std::int64_t VolumeRoom::RoomOn(const ClusterState& cluster, NodeId row) {
  const NodeColumns& columns = cluster.columns();
  if (columns.node[row] == nullptr) return kPlenty;
  const ClusterObjects& objects = cluster.objects();
  const auto* csi_node = objects.Find<kube::CsiNode>(columns.name[row]);
  if (csi_node == nullptr) return kPlenty;
  std::optional<std::int64_t> limit;
  for (const kube::CsiNodeDriver& driver : csi_node->drivers) {
    if (!driver.allocatable_count) continue;
    limit = std::min<std::int64_t>(limit.value_or(*driver.allocatable_count),
                                   *driver.allocatable_count);
  }
  if (!limit) return kPlenty;
  auto volumes = static_cast<std::int64_t>(objects.AttachmentsOn(columns.name[row]).size());
  for (const PodRecord* pod : columns.pods[row]) {
    const std::vector<PodClaim>& claims = pod->facts.claims;
    if (!pod->pod_class->disks.empty() ||
        std::any_of(claims.begin(), claims.end(),
                    [](const PodClaim& claim) { return claim.ephemeral; })) {
      return 0;
    }
    volumes += static_cast<std::int64_t>(claims.size());
  }
  return *limit - volumes;
}

bool VolumeRoom::FindNodesWithLess(std::size_t volumes, std::vector<NodeId>& rows) const {
  if (volumes > static_cast<std::size_t>(kPlenty)) return false;
  for (const NodeId row : narrow_) {
    if (room_[row] < volumes) rows.push_back(row);
  }
  return true;
}

}  // namespace heat_scheduler
