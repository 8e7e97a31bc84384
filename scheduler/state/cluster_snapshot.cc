#include "scheduler/state/cluster_snapshot.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

namespace heat_scheduler {
namespace {

std::pair<std::size_t, std::string> KeyOfObject(const kube::Object& object) {
  return {object.index(), kube::KeyOf(kube::MetadataOf(object))};
}

// Puts a value back, or takes away what was not there.
template <typename Map, typename Key, typename Value>
void PutBack(Map& map, const Key& key, bool known, const Value& value) {
  if (known) {
    map[key] = value;
  } else {
    map.erase(key);
  }
}

}  // namespace

ClusterSnapshot::ClusterSnapshot(const ClusterState& cluster) {
  const NodeColumns& columns = cluster.columns();
  for (const NodeId row : cluster.nodes()) nodes_.emplace(columns.name[row], columns.node[row]);
  pods_.reserve(cluster.pod_count());
  for (const PodRecord* record : cluster.pods()) {
    const bool assumed = record->where == PodRecord::Where::kAssumed;
    pods_.emplace(PodKey(record->facts),
                  PastPod{record->pod, true, assumed ? columns.name[record->node] : "",
                          record->nominated_node_name, record->counted_at, record->nominated_at});
  }
  for (kube::Object& object : cluster.objects().Everything()) {
    objects_.emplace(KeyOfObject(object), std::move(object));
  }
  for (PastAssumption& assumed : cluster.assumed_volumes().All()) {
    assumed_.emplace(std::pair(assumed.of_volume, assumed.key), std::move(assumed));
  }
}

void ClusterSnapshot::Undo(const History::Entry& entry) {
  if (const auto* pod = std::get_if<PastPod>(&entry)) {
    PutBack(pods_, PodKey(pod->pod->metadata), pod->known, *pod);
  } else if (const auto* node = std::get_if<PastNode>(&entry)) {
    PutBack(nodes_, node->node->metadata.name, node->known, node->node);
  } else if (const auto* object = std::get_if<PastObject>(&entry)) {
    PutBack(objects_, KeyOfObject(object->object), object->known, object->object);
  } else if (const auto* assumed = std::get_if<PastAssumption>(&entry)) {
    PutBack(assumed_, std::pair(assumed->of_volume, assumed->key), assumed->known, *assumed);
  }
}

void ClusterSnapshot::Restore(ClusterState& cluster) const {
  for (const auto& [key, object] : objects_) cluster.UpsertObject(object);
  for (const auto& [key, assumed] : assumed_) cluster.assumed_volumes().Restore(assumed);
  for (const auto& [name, node] : nodes_) cluster.UpsertNode(node);
  RestorePods(cluster);
  RestoreNominations(cluster);
}

void ClusterSnapshot::RestorePods(ClusterState& cluster) const {
  // In the order in which they came to count.
  std::vector<Pods::const_pointer> pods;
  pods.reserve(pods_.size());
  for (const auto& pod : pods_) pods.push_back(&pod);
  std::sort(pods.begin(), pods.end(), [](const auto* a, const auto* b) {
    return std::tie(a->second.counted_at, a->first) < std::tie(b->second.counted_at, b->first);
  });
  std::vector<std::string> vanished;
  for (const auto* pod : pods) {
    const PodRecord& record = cluster.UpsertPod(pod->second.pod);
    const std::string& node = pod->second.assumed_on;
    if (node.empty()) continue;
    if (cluster.FindNode(node) == kNoNode) {
      // It was deleted under the pod, which can be assumed on a living node only.
      auto stand_in = std::make_shared<kube::Node>();
      stand_in->metadata.name = node;
      cluster.UpsertNode(std::move(stand_in));
      vanished.push_back(node);
    }
    cluster.Assume(record, cluster.FindNode(node));
  }
  for (const std::string& node : vanished) cluster.RemoveNode(node);
}

void ClusterSnapshot::RestoreNominations(ClusterState& cluster) const {
  std::vector<Pods::const_pointer> pods;
  for (const auto& pod : pods_) {
    if (pod.second.nominated_node_name.empty() &&
        pod.second.pod->status.nominated_node_name.empty()) {
      continue;
    }
    pods.push_back(&pod);
    cluster.Nominate(pod.first, "");
  }
  std::sort(pods.begin(), pods.end(), [](const auto* a, const auto* b) {
    return std::tie(a->second.nominated_at, a->first) < std::tie(b->second.nominated_at, b->first);
  });
  for (const auto* pod : pods) cluster.Nominate(pod->first, pod->second.nominated_node_name);
}

}  // namespace heat_scheduler
