#include "plugins/defaults/volumes/node_volume_limits.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kube/objects.h"
#include "plugins/defaults/volumes/attachable_volumes.h"
#include "plugins/defaults/volumes/volume_room.h"

namespace heat_scheduler {
namespace {

using Counts = std::map<std::string, std::int64_t, std::less<>>;

// Verdicts' details: 0 for the limit, else one more than the place of an error's text. Copies share
// the texts: verdicts of one are read with another.
struct Errors final : PluginState {
  std::shared_ptr<std::vector<std::string>> texts = std::make_shared<std::vector<std::string>>();

  std::unique_ptr<PluginState> Clone() const override { return std::make_unique<Errors>(*this); }

  Verdict Add(Code code, const absl::Status& status) const {
    const std::string text(status.message());
    const auto found = std::find(texts->begin(), texts->end(), text);
    const auto place = static_cast<std::size_t>(found - texts->begin());
    if (found == texts->end()) texts->push_back(text);
    return {code, place + 1};
  }
};

Counts LimitsOf(const kube::CsiNode* csi_node) {
  Counts limits;
  if (csi_node == nullptr) return limits;
  for (const kube::CsiNodeDriver& driver : csi_node->drivers) {
    if (driver.allocatable_count) limits[driver.name] = *driver.allocatable_count;
  }
  return limits;
}

// Counts what is attached to the node beside the volumes of its pods.
void CountAttachments(const ClusterObjects& objects, const std::string& node,
                      const AttachableVolumes& of_pods, Counts& counts) {
  AttachableVolumes attached;
  for (const auto& [name, attachment] : objects.AttachmentsOn(node)) {
    if (attachment->attacher.empty()) continue;
    const auto* volume = objects.Find<kube::PersistentVolume>(attachment->persistent_volume_name);
    if (volume == nullptr || volume->csi_driver.empty()) continue;
    attached[UniqueVolumeName(attachment->attacher, volume->csi_volume_handle)] =
        attachment->attacher;
  }
  for (const auto& [name, driver] : attached) {
    if (!of_pods.contains(name)) ++counts[driver];
  }
}

// Returns true if there is room for the new volumes.
bool HasRoom(const Counts& limits, const Counts& counts, const AttachableVolumes& new_volumes) {
  Counts wanted;
  for (const auto& [name, driver] : new_volumes) ++wanted[driver];
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
    const auto limit = limits.find(entry.first);
    if (limit == limits.end()) return true;
    const auto there = counts.find(entry.first);
    return (there == counts.end() ? 0 : there->second) + entry.second <= limit->second;
  });
}

Verdict VerdictOn(const Cycle& cycle, NodeId node, const Errors& errors) {
  const NodeColumns& columns = cycle.cluster.columns();
  const ClusterObjects& objects = cycle.cluster.objects();
  const std::string& name = columns.name[node];
  const auto* csi_node = objects.Find<kube::CsiNode>(name);
  AttachableVolumes new_volumes;
  absl::Status status =
      AddAttachableVolumes(objects, cycle.pod, PodStands::kToBePlaced, csi_node, new_volumes);
  if (absl::IsNotFound(status)) return errors.Add(Code::kUnschedulableAndUnresolvable, status);
  if (!status.ok()) return errors.Add(Code::kError, status);
  if (new_volumes.empty()) return {};
  const Counts limits = LimitsOf(csi_node);
  if (limits.empty()) return {};

  AttachableVolumes there;
  for (const PodRecord* pod : columns.pods[node]) {
    status = AddAttachableVolumes(objects, *pod, PodStands::kOnNode, csi_node, there);
    if (!status.ok()) return errors.Add(Code::kError, status);
  }
  Counts counts;
  for (const auto& [volume, driver] : there) {
    new_volumes.erase(volume);
    ++counts[driver];
  }
  CountAttachments(objects, name, there, counts);
  if (HasRoom(limits, counts, new_volumes)) return {};
  return {Code::kUnschedulable, 0};
}

bool HasVolumes(const Cycle& cycle) {
  const auto& disks = cycle.pod_class().disks;
  return !cycle.facts().claims.empty() ||
         std::any_of(disks.begin(), disks.end(),
                     [](const kube::Volume& disk) { return disk.in_tree_disk.has_value(); });
}

}  // namespace

PreFilterResult NodeVolumeLimits::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  if (!HasVolumes(cycle)) {
    result.status.code = Code::kSkip;
  } else {
    cycle.state.Put(this, std::make_unique<Errors>());
  }
  return result;
}

void NodeVolumeLimits::Filter(const Cycle& cycle, NodeSpan nodes,
                              absl::Span<Verdict> verdicts) const {
  // Asked also where the profile has this Filter without its PreFilter.
  if (!HasVolumes(cycle)) return;
  const auto& errors = cycle.state.Get<Errors>(this);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    verdicts[i] = VerdictOn(cycle, nodes[i], errors);
  }
}

bool NodeVolumeLimits::FindDoubtful(const Cycle& cycle, CycleState& kept,
                                    std::vector<NodeId>& nodes) const {
  const PodFacts& facts = cycle.facts();
  if (!cycle.pod_class().disks.empty()) return false;
  for (const PodClaim& used : facts.claims) {
    // Whose it is, and whether it exists, is for a look at a node to say.
    if (used.ephemeral || cycle.cluster.objects().Find<kube::PersistentVolumeClaim>(
                              absl::StrCat(facts.namespace_, "/", used.claim_name)) == nullptr) {
      return false;
    }
  }
  auto* room = kept.Find<VolumeRoom>(this);
  if (room == nullptr) room = &kept.Put(this, std::make_unique<VolumeRoom>());
  room->Update(cycle.cluster);
  return room->FindNodesWithLess(facts.claims.size(), nodes);
}

std::vector<std::string> NodeVolumeLimits::Reasons(const Cycle& cycle,
                                                   const Verdict& verdict) const {
  if (verdict.detail == 0) return {"node(s) exceed max volume count"};
  return {cycle.state.Get<Errors>(this).texts->at(verdict.detail - 1)};
}

}  // namespace heat_scheduler
