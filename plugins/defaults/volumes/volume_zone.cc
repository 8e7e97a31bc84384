#include "plugins/defaults/volumes/volume_zone.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/quote.h"
#include "base/strings.h"
#include "kube/objects.h"
#include "kube/storage.h"

namespace heat_scheduler {
namespace {

// A label of zones or regions, and the name that took its place (itself, if none did).
struct TopologyLabel {
  std::string_view key;
  std::string_view now;
};

constexpr std::array<TopologyLabel, 4> kLabels = {{
    {"failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"},
    {"failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"},
    {"topology.kubernetes.io/zone", "topology.kubernetes.io/zone"},
    {"topology.kubernetes.io/region", "topology.kubernetes.io/region"},
}};

struct Topology {
  TopologyLabel label;
  std::set<std::string, std::less<>> values;
};

struct Topologies final : PluginState {
  std::vector<Topology> of_volumes;

  std::unique_ptr<PluginState> Clone() const override {
    return std::make_unique<Topologies>(*this);
  }
};

// Adds what the volume's labels demand; a label with an empty part demands nothing.
void AddTopologies(const kube::PersistentVolume& volume, std::vector<Topology>& topologies) {
  for (const TopologyLabel& label : kLabels) {
    const auto found = volume.metadata.labels.find(label.key);
    if (found == volume.metadata.labels.end()) continue;
    Topology topology{label, {}};
    for (const absl::string_view part : absl::StrSplit(found->second, "__")) {
      topology.values.emplace(absl::StripAsciiWhitespace(part));
    }
    if (!topology.values.contains("")) topologies.push_back(std::move(topology));
  }
}

// Returns why a pod with the claim, which has no volume yet, cannot be placed; nothing if its
// volume may wait.
std::vector<std::string> CheckUnbound(const ClusterObjects& objects,
                                      const kube::PersistentVolumeClaim& claim) {
  using enum kube::StorageClass::BindingMode;
  const std::string& class_name = kube::StorageClassOf(claim);
  if (class_name.empty()) return {"PersistentVolumeClaim had no pv name and storageClass name"};
  const auto* storage_class = objects.Find<kube::StorageClass>(class_name);
  if (storage_class == nullptr) {
    return {absl::StrCat("storageclass.storage.k8s.io ", Quoted(class_name), " not found")};
  }
  switch (storage_class->binding_mode) {
    case kUnset:
      return {absl::StrCat("VolumeBindingMode not set for StorageClass ", Quoted(class_name))};
    case kImmediate:
      return {"PersistentVolume had no name"};
    case kWaitForFirstConsumer:
      break;
  }
  return {};
}

// Adds what the claim's volume demands; or returns why it cannot be told.
std::vector<std::string> CheckClaim(const ClusterObjects& objects, const std::string& namespace_,
                                    const std::string& name, std::vector<Topology>& topologies) {
  const auto* claim =
      objects.Find<kube::PersistentVolumeClaim>(absl::StrCat(namespace_, "/", name));
  if (claim == nullptr) {
    return {absl::StrCat("persistentvolumeclaim ", Quoted(name), " not found")};
  }
  if (claim->volume_name.empty()) return CheckUnbound(objects, *claim);
  const auto* volume = objects.Find<kube::PersistentVolume>(claim->volume_name);
  if (volume == nullptr) {
    return {absl::StrCat("persistentvolume ", Quoted(claim->volume_name), " not found")};
  }
  AddTopologies(*volume, topologies);
  return {};
}

bool HasAnyLabel(const kube::StringMap& labels) {
  return std::any_of(kLabels.begin(), kLabels.end(),
                     [&](const TopologyLabel& label) { return labels.contains(label.key); });
}

bool Fits(const Topology& topology, const kube::StringMap& labels) {
  auto label = labels.find(topology.label.key);
  if (label == labels.end()) label = labels.find(topology.label.now);
  return label != labels.end() && topology.values.contains(label->second);
}

}  // namespace

PreFilterResult VolumeZone::PreFilter(const Cycle& cycle) const {
  PreFilterResult result;
  auto topologies = std::make_unique<Topologies>();
  const PodFacts& facts = cycle.facts();
  for (const PodClaim& used : facts.claims) {
    if (used.ephemeral) continue;
    result.status.reasons = CheckClaim(cycle.cluster.objects(), facts.namespace_, used.claim_name,
                                       topologies->of_volumes);
    if (result.status.reasons.empty()) continue;
    result.status.code = Code::kUnschedulableAndUnresolvable;
    return result;
  }
  if (topologies->of_volumes.empty()) {
    result.status.code = Code::kSkip;
  } else {
    cycle.state.Put(this, std::move(topologies));
  }
  return result;
}

void VolumeZone::Filter(const Cycle& cycle, NodeSpan nodes, absl::Span<Verdict> verdicts) const {
  // Asked also where the profile has this Filter without its PreFilter.
  if (cycle.facts().claims.empty()) return;
  const NodeColumns& columns = cycle.cluster.columns();
  const std::vector<Topology>& topologies = cycle.state.Get<Topologies>(this).of_volumes;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const kube::StringMap& labels = columns.node[nodes[i]]->metadata.labels;
    if (!HasAnyLabel(labels)) continue;
    if (!std::all_of(topologies.begin(), topologies.end(),
                     [&](const Topology& topology) { return Fits(topology, labels); })) {
      verdicts[i].code = Code::kUnschedulableAndUnresolvable;
    }
  }
}

std::vector<std::string> VolumeZone::Reasons(const Cycle& /*cycle*/,
                                             const Verdict& /*verdict*/) const {
  return {"node(s) had no available volume zone"};
}

}  // namespace heat_scheduler
