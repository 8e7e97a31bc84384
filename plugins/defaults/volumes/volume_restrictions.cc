#include "plugins/defaults/volumes/volume_restrictions.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "kube/objects.h"

namespace heat_scheduler {
namespace {

// Which of the reasons a verdict stands for.
enum Detail : std::uint64_t { kDiskConflict = 0, kClaimInUse = 1 };

struct ExclusiveClaims final : PluginState {
  std::set<std::string, std::less<>> names;  // The pod's claims with mode ReadWriteOncePod.
  int users = 0;                             // Pods that have one of them, each use counted.

  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<ExclusiveClaims>(*this);
  }

  int UsesBy(const PodRecord& pod) const {
    const std::vector<PodClaim>& claims = pod.facts.claims;
    return static_cast<int>(
        std::count_if(claims.begin(), claims.end(), [this](const PodClaim& claim) {
          return !claim.ephemeral && names.contains(claim.claim_name);
        }));
  }
};

bool IsExclusive(const kube::PersistentVolumeClaim& claim) {
  const auto& modes = claim.access_modes;
  return std::find(modes.begin(), modes.end(), "ReadWriteOncePod") != modes.end();
}

// Returns true if a pod on a living node has the claim.
bool IsUsed(const ClusterState& cluster, const std::string& namespace_, const std::string& claim) {
  const auto uses = [&](const PodRecord* pod) {
    const std::vector<PodClaim>& claims = pod->facts.claims;
    return pod->facts.namespace_ == namespace_ &&
           std::any_of(claims.begin(), claims.end(), [&](const PodClaim& used) {
             return !used.ephemeral && used.claim_name == claim;
           });
  };
  return std::any_of(cluster.nodes().begin(), cluster.nodes().end(), [&](NodeId node) {
    const auto& pods = cluster.columns().pods[node];
    return std::any_of(pods.begin(), pods.end(), uses);
  });
}

// Returns true if two pods may not always have the same disk of this kind.
bool IsRestricted(const kube::Volume& disk) {
  using enum kube::InTreeDisk::Plugin;
  const auto& in_tree = disk.in_tree_disk;
  return disk.iscsi || disk.rbd ||
         (in_tree &&
          (in_tree->plugin == kGcePersistentDisk || in_tree->plugin == kAwsElasticBlockStore));
}

bool Conflict(const kube::InTreeDisk& a, const kube::InTreeDisk& b) {
  if (a.plugin != b.plugin || a.id != b.id) return false;
  return a.plugin == kube::InTreeDisk::Plugin::kAwsElasticBlockStore ||
         !(a.read_only && b.read_only);
}

bool Conflict(const kube::Volume::Iscsi& a, const kube::Volume::Iscsi& b) {
  return a.iqn == b.iqn && !(a.read_only && b.read_only);
}

bool Conflict(const kube::Volume::Rbd& a, const kube::Volume::Rbd& b) {
  return a.pool == b.pool && a.image == b.image && !(a.read_only && b.read_only) &&
         std::find_first_of(a.monitors.begin(), a.monitors.end(), b.monitors.begin(),
                            b.monitors.end()) != a.monitors.end();
}

template <typename T>
bool Conflict(const std::optional<T>& a, const std::optional<T>& b) {
  return a && b && Conflict(*a, *b);
}

// Returns true if one of the pod's disks is one of the other's.
bool AnyConflict(const std::vector<kube::Volume>& wanted, const std::vector<kube::Volume>& taken) {
  for (const kube::Volume& want : wanted) {
    if (!IsRestricted(want)) continue;
    if (std::any_of(taken.begin(), taken.end(), [&](const kube::Volume& disk) {
          return Conflict(want.in_tree_disk, disk.in_tree_disk) ||
                 Conflict(want.iscsi, disk.iscsi) || Conflict(want.rbd, disk.rbd);
        })) {
      return true;
    }
  }
  return false;
}

}  // namespace

PreFilterResult VolumeRestrictions::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  const PodFacts& facts = cycle.facts();
  auto exclusive = std::make_unique<ExclusiveClaims>();
  for (const PodClaim& used : facts.claims) {
    if (used.ephemeral) continue;
    const auto* claim = cycle.cluster.objects().Find<kube::PersistentVolumeClaim>(
        absl::StrCat(facts.namespace_, "/", used.claim_name));
    if (claim == nullptr) {
      result.status.code = Code::kUnschedulableAndUnresolvable;
      result.status.reasons = {
          absl::StrCat("persistentvolumeclaim ", Quoted(used.claim_name), " not found")};
      return result;
    }
    if (IsExclusive(*claim)) exclusive->names.insert(used.claim_name);
  }
  exclusive->users = static_cast<int>(std::count_if(
      exclusive->names.begin(), exclusive->names.end(),
      [&](const std::string& name) { return IsUsed(cycle.cluster, facts.namespace_, name); }));
  const auto& disks = cycle.pod_class().disks;
  if (exclusive->users == 0 && std::none_of(disks.begin(), disks.end(), IsRestricted)) {
    result.status.code = Code::kSkip;
    return result;
  }
  cycle.state.Put(this, std::move(exclusive));
  return result;
}

void VolumeRestrictions::AddPod(const Cycle& cycle, const PodRecord& pod, NodeId /*node*/) const {
  auto& exclusive = cycle.state.Get<ExclusiveClaims>(this);
  exclusive.users += exclusive.UsesBy(pod);
}

void VolumeRestrictions::RemovePod(const Cycle& cycle, const PodRecord& pod,
                                   NodeId /*node*/) const {
  auto& exclusive = cycle.state.Get<ExclusiveClaims>(this);
  exclusive.users -= exclusive.UsesBy(pod);
}

void VolumeRestrictions::Filter(const Cycle& cycle, NodeSpan nodes,
                                absl::Span<Verdict> verdicts) const {
  const NodeColumns& columns = cycle.cluster.columns();
  const std::vector<kube::Volume>& disks = cycle.pod_class().disks;
  const bool in_use = cycle.state.Get<ExclusiveClaims>(this).users > 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::vector<const PodRecord*>& pods = columns.pods[nodes[i]];
    if (std::any_of(pods.begin(), pods.end(), [&](const PodRecord* pod) {
          return AnyConflict(disks, pod->pod_class->disks);
        })) {
      verdicts[i] = {Code::kUnschedulable, kDiskConflict};
    } else if (in_use) {
      verdicts[i] = {Code::kUnschedulable, kClaimInUse};
    }
  }
}

std::vector<std::string> VolumeRestrictions::Reasons(const Cycle& /*cycle*/,
                                                     const Verdict& verdict) const {
  if (verdict.detail == kDiskConflict) return {"node(s) had no available disk"};
  return {
      "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already "
      "in-use by another pod"};
}

}  // namespace heat_scheduler
