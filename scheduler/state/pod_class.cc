#include "scheduler/state/pod_class.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace heat_scheduler {
namespace {

// Writes values one after the other so that different sequences give different bytes: numbers in
// eight bytes, texts and lists with their length in front.
class KeyWriter {
 public:
  void Number(std::int64_t value) {
    auto bits = static_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i) {
      bytes_.push_back(static_cast<char>(bits & 0xff));
      bits >>= 8;
    }
  }
  void Flag(bool value) { bytes_.push_back(value ? '\1' : '\0'); }
  void Size(std::size_t size) { Number(static_cast<std::int64_t>(size)); }
  void Text(std::string_view text) {
    Size(text.size());
    bytes_.append(text);
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

void Write(KeyWriter& key, const Resources& resources) {
  key.Number(resources.milli_cpu);
  key.Number(resources.memory);
  key.Number(resources.ephemeral_storage);
  key.Size(resources.scalars.size());
  for (const auto& [name, amount] : resources.scalars) {
    key.Number(name);
    key.Number(amount);
  }
}

void Write(KeyWriter& key, const kube::StringMap& map) {
  key.Size(map.size());
  for (const auto& [name, value] : map) {
    key.Text(name);
    key.Text(value);
  }
}

void Write(KeyWriter& key, const std::vector<kube::SelectorRequirement>& requirements) {
  key.Size(requirements.size());
  for (const kube::SelectorRequirement& requirement : requirements) {
    key.Text(requirement.key);
    key.Number(static_cast<int>(requirement.op));
    key.Size(requirement.values.size());
    for (const std::string& value : requirement.values) key.Text(value);
  }
}

void Write(KeyWriter& key, const kube::Toleration& toleration) {
  key.Text(toleration.key);
  key.Flag(toleration.exists);
  key.Flag(toleration.unsupported_operator);
  key.Text(toleration.value);
  key.Number(static_cast<int>(toleration.effect));
}

void Write(KeyWriter& key, const std::vector<std::string>& texts) {
  key.Size(texts.size());
  for (const std::string& text : texts) key.Text(text);
}

void Write(KeyWriter& key, const kube::NodeSelectorTerm& term) {
  Write(key, term.match_expressions);
  Write(key, term.match_fields);
}

void Write(KeyWriter& key, const std::optional<kube::LabelSelector>& selector) {
  key.Flag(selector.has_value());
  if (!selector) return;
  Write(key, selector->match_labels);
  Write(key, selector->match_expressions);
}

void Write(KeyWriter& key, const kube::PodAffinityTerm& term) {
  Write(key, term.label_selector);
  Write(key, term.namespaces);
  Write(key, term.namespace_selector);
  key.Text(term.topology_key);
}

void Write(KeyWriter& key, const kube::WeightedPodAffinityTerm& weighted) {
  key.Number(weighted.weight);
  Write(key, weighted.term);
}

void Write(KeyWriter& key, const kube::PreferredSchedulingTerm& preferred) {
  key.Number(preferred.weight);
  Write(key, preferred.preference);
}

void Write(KeyWriter& key, const kube::TopologySpreadConstraint& constraint) {
  key.Number(constraint.max_skew);
  key.Text(constraint.topology_key);
  key.Flag(constraint.schedule_anyway);
  Write(key, constraint.label_selector);
  key.Number(constraint.min_domains.value_or(-1));
  key.Flag(constraint.honor_node_affinity);
  key.Flag(constraint.honor_node_taints);
}

void Write(KeyWriter& key, const kube::Volume& disk) {
  key.Flag(disk.in_tree_disk.has_value());
  if (const auto& in_tree = disk.in_tree_disk) {
    key.Number(static_cast<int>(in_tree->plugin));
    key.Text(in_tree->id);
    key.Flag(in_tree->read_only);
    key.Text(in_tree->azure_kind);
  }
  key.Flag(disk.iscsi.has_value());
  if (const auto& iscsi = disk.iscsi) {
    key.Text(iscsi->target_portal);
    key.Text(iscsi->iqn);
    key.Number(iscsi->lun);
    key.Flag(iscsi->read_only);
  }
  key.Flag(disk.rbd.has_value());
  if (const auto& rbd = disk.rbd) {
    Write(key, rbd->monitors);
    key.Text(rbd->pool);
    key.Text(rbd->image);
    key.Flag(rbd->read_only);
  }
}

template <typename T>
void WriteAll(KeyWriter& key, const std::vector<T>& values) {
  key.Size(values.size());
  for (const T& value : values) Write(key, value);
}

std::string KeyOf(const PodClass& pod_class) {
  KeyWriter key;
  key.Text(pod_class.namespace_);
  Write(key, pod_class.requests);
  key.Number(pod_class.nonzero_milli_cpu);
  key.Number(pod_class.nonzero_memory);
  Write(key, pod_class.scored);
  key.Size(pod_class.host_ports.size());
  for (const kube::HostPort& port : pod_class.host_ports) {
    key.Text(port.protocol);
    key.Text(port.ip);
    key.Number(port.port);
  }
  Write(key, pod_class.node_selector);
  key.Flag(pod_class.has_required_node_affinity);
  WriteAll(key, pod_class.node_affinity_terms);
  WriteAll(key, pod_class.preferred_node_affinity);
  WriteAll(key, pod_class.tolerations);
  WriteAll(key, pod_class.required_pod_affinity);
  WriteAll(key, pod_class.preferred_pod_affinity);
  WriteAll(key, pod_class.required_pod_anti_affinity);
  WriteAll(key, pod_class.preferred_pod_anti_affinity);
  WriteAll(key, pod_class.topology_spread_constraints);
  Write(key, pod_class.images);
  Write(key, pod_class.volume_images);
  WriteAll(key, pod_class.disks);
  key.Flag(pod_class.restarts_all_containers);
  key.Flag(pod_class.user_namespace_on_host_network);
  return key.Take();
}

void AddContainers(const std::vector<kube::Container>& containers, PodClass& pod_class) {
  for (const kube::Container& container : containers) {
    pod_class.images.push_back(container.image);
    if (container.restarts_all_containers) pod_class.restarts_all_containers = true;
  }
}

// Returns true if the volume is a disk that is used without a claim.
bool NamesDisk(const kube::Volume& volume) {
  return volume.in_tree_disk || volume.iscsi || volume.rbd;
}

PodClass ClassOf(const kube::Pod& pod, Interner& resource_names) {
  PodClass pod_class;
  pod_class.namespace_ = pod.metadata.namespace_;
  pod_class.requests = ToResources(kube::PodRequests(pod), resource_names);
  Resources nonzero = ToResources(kube::PodNonZeroRequests(pod), resource_names);
  pod_class.nonzero_milli_cpu = nonzero.milli_cpu;
  pod_class.nonzero_memory = nonzero.memory;
  pod_class.scored = pod.spec.pod_requests.empty()
                         ? std::move(nonzero)
                         : ToResources(kube::PodContainerNonZeroRequests(pod), resource_names);
  pod_class.host_ports = kube::PodHostPorts(pod);
  pod_class.node_selector = pod.spec.node_selector;
  if (const auto& required = pod.spec.affinity.required_node_affinity) {
    pod_class.has_required_node_affinity = true;
    for (const kube::NodeSelectorTerm& term : required->terms) {
      pod_class.node_affinity_terms.push_back({term.match_expressions, {}});
    }
  }
  pod_class.preferred_node_affinity = pod.spec.affinity.preferred_node_affinity;
  pod_class.tolerations = pod.spec.tolerations;
  // How long a taint is tolerated matters to eviction alone.
  for (kube::Toleration& toleration : pod_class.tolerations) toleration.toleration_seconds.reset();
  pod_class.required_pod_affinity = pod.spec.affinity.required_pod_affinity;
  pod_class.preferred_pod_affinity = pod.spec.affinity.preferred_pod_affinity;
  pod_class.required_pod_anti_affinity = pod.spec.affinity.required_pod_anti_affinity;
  pod_class.preferred_pod_anti_affinity = pod.spec.affinity.preferred_pod_anti_affinity;
  pod_class.topology_spread_constraints = pod.spec.topology_spread_constraints;
  AddContainers(pod.spec.init_containers, pod_class);
  AddContainers(pod.spec.containers, pod_class);
  for (const kube::Volume& volume : pod.spec.volumes) {
    if (!volume.image.empty()) pod_class.volume_images.push_back(volume.image);
  }
  std::copy_if(pod.spec.volumes.begin(), pod.spec.volumes.end(),
               std::back_inserter(pod_class.disks), NamesDisk);
  pod_class.user_namespace_on_host_network = pod.spec.host_network && !pod.spec.host_users;
  return pod_class;
}

}  // namespace

PodFacts FactsOf(const kube::Pod& pod) {
  PodFacts facts;
  facts.namespace_ = pod.metadata.namespace_;
  facts.name = pod.metadata.name;
  facts.uid = pod.metadata.uid;
  facts.node_name = pod.spec.node_name;
  if (const auto& required = pod.spec.affinity.required_node_affinity) {
    for (const kube::NodeSelectorTerm& term : required->terms) {
      facts.node_affinity_fields.push_back(term.match_fields);
    }
  }
  facts.scheduling_gates = pod.spec.scheduling_gates;
  for (const kube::Volume& volume : pod.spec.volumes) {
    if (volume.ephemeral) {
      facts.claims.push_back(
          {volume.name, absl::StrCat(pod.metadata.name, "-", volume.name), true, false});
    } else if (!volume.claim_name.empty()) {
      facts.claims.push_back({volume.name, volume.claim_name, false, volume.claim_read_only});
    }
  }
  facts.has_resource_claims = !pod.spec.resource_claims.empty();
  facts.in_pod_group = !pod.spec.pod_group.empty();
  facts.preempts = pod.spec.preempts;
  facts.priority = pod.spec.priority;
  return facts;
}

const PodClass& PodClassTable::Acquire(const kube::Pod& pod) {
  PodClass pod_class = ClassOf(pod, resource_names_);
  std::string key = KeyOf(pod_class);
  if (auto found = by_key_.find(key); found != by_key_.end()) {
    Entry& entry = *entries_[found->second];
    ++entry.users;
    return entry.pod_class;
  }
  if (free_ids_.empty()) {
    free_ids_.push_back(static_cast<PodClassId>(entries_.size()));
    entries_.emplace_back();
  }
  pod_class.id = free_ids_.back();
  free_ids_.pop_back();
  auto& slot = entries_[pod_class.id];
  by_key_.emplace(key, pod_class.id);
  slot = std::make_unique<Entry>(Entry{std::move(pod_class), std::move(key), 1});
  return slot->pod_class;
}

void PodClassTable::Release(PodClassId id) {
  HS_CHECK(id < entries_.size() && entries_[id] != nullptr, "a class was released too often");
  Entry& entry = *entries_[id];
  if (--entry.users > 0) return;
  by_key_.erase(entry.key);
  entries_[id].reset();
  free_ids_.push_back(id);
}

}  // namespace heat_scheduler
