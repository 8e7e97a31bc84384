#include "scheduler/state/pod_class.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace heat_scheduler {
namespace {

// Writes values one after the other so that different sequences give different bytes: numbers in
// eight bytes as they lie in memory, texts and lists with their length in front.
class KeyWriter {
 public:
  void Number(std::int64_t value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void Quantity(const kube::Quantity& quantity) {
    static_assert(std::has_unique_object_representations_v<kube::Quantity>);
    bytes_.append(reinterpret_cast<const char*>(&quantity), sizeof(quantity));
  }
  void Flag(bool value) { bytes_.push_back(value ? '\1' : '\0'); }
  void Size(std::size_t size) { Number(static_cast<std::int64_t>(size)); }
  void Text(std::string_view text) {
    Size(text.size());
    bytes_.append(text);
  }
  KeyWriter() { bytes_.reserve(512); }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

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
  Write(key, constraint.match_label_keys);
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

// Returns true if the volume is a disk that is used without a claim.
bool NamesDisk(const kube::Volume& volume) {
  return volume.in_tree_disk || volume.iscsi || volume.rbd;
}

void Write(KeyWriter& key, const kube::ResourceList& list) {
  key.Size(list.size());
  for (const auto& [name, quantity] : list) {
    key.Text(name);
    key.Quantity(quantity);
  }
}

void Write(KeyWriter& key, const kube::Container& container, const kube::PodStatus& status) {
  Write(key, container.requests);
  const auto held = status.allocated_requests.find(container.name);
  // What is held counts where it is something else.
  const bool differs =
      held != status.allocated_requests.end() && held->second != container.requests;
  key.Flag(differs);
  if (differs) Write(key, held->second);
  key.Text(container.image);
  key.Flag(container.restartable);
  key.Flag(container.restarts_all_containers);
  for (const kube::ContainerPort& port : container.ports) {
    if (port.host_port <= 0) continue;
    key.Number(port.host_port);
    key.Text(port.protocol);
    key.Text(port.host_ip);
  }
  key.Number(0);
}

void Write(KeyWriter& key, const std::vector<kube::Container>& containers,
           const kube::PodStatus& status) {
  key.Size(containers.size());
  for (const kube::Container& container : containers) Write(key, container, status);
}

void Write(KeyWriter& key, const kube::Affinity& affinity) {
  key.Flag(affinity.required_node_affinity.has_value());
  if (const auto& required = affinity.required_node_affinity) {
    key.Size(required->terms.size());
    for (const kube::NodeSelectorTerm& term : required->terms) Write(key, term.match_expressions);
  }
  WriteAll(key, affinity.preferred_node_affinity);
  WriteAll(key, affinity.required_pod_affinity);
  WriteAll(key, affinity.preferred_pod_affinity);
  WriteAll(key, affinity.required_pod_anti_affinity);
  WriteAll(key, affinity.preferred_pod_anti_affinity);
}

// Returns what ClassOf reads of the pod, before anything is computed from it: a pod comes far more
// often than a class.
std::string KeyOf(const kube::Pod& pod) {
  const kube::PodSpec& spec = *pod.spec;
  KeyWriter key;
  key.Text(pod.metadata.namespace_);
  Write(key, spec.init_containers, pod.status);
  Write(key, spec.containers, pod.status);
  Write(key, spec.pod_requests);
  key.Flag(pod.status.allocated_pod_requests.has_value());
  if (pod.status.allocated_pod_requests) Write(key, *pod.status.allocated_pod_requests);
  key.Flag(pod.status.resize_infeasible);
  Write(key, spec.overhead);
  Write(key, spec.node_selector);
  Write(key, spec.affinity);
  WriteAll(key, spec.tolerations);
  WriteAll(key, spec.topology_spread_constraints);
  for (const kube::Volume& volume : spec.volumes) {
    if (volume.image.empty() && !NamesDisk(volume)) continue;
    key.Flag(true);
    key.Text(volume.image);
    Write(key, volume);
  }
  key.Flag(false);
  key.Flag(spec.host_network && !spec.host_users);
  return key.Take();
}

void AddContainers(const std::vector<kube::Container>& containers, PodClass& pod_class) {
  for (const kube::Container& container : containers) {
    pod_class.images.push_back(container.image);
    if (container.restarts_all_containers) pod_class.restarts_all_containers = true;
  }
}

PodClass ClassOf(const kube::Pod& pod, Interner& resource_names) {
  PodClass pod_class;
  pod_class.namespace_ = pod.metadata.namespace_;
  pod_class.requests = ToResources(kube::PodRequests(pod), resource_names);
  Resources nonzero = ToResources(kube::PodNonZeroRequests(pod), resource_names);
  pod_class.nonzero_milli_cpu = nonzero.milli_cpu;
  pod_class.nonzero_memory = nonzero.memory;
  pod_class.scored = pod.spec->pod_requests.empty()
                         ? std::move(nonzero)
                         : ToResources(kube::PodContainerNonZeroRequests(pod), resource_names);
  pod_class.host_ports = kube::PodHostPorts(pod);
  pod_class.node_selector = pod.spec->node_selector;
  if (const auto& required = pod.spec->affinity.required_node_affinity) {
    pod_class.has_required_node_affinity = true;
    for (const kube::NodeSelectorTerm& term : required->terms) {
      pod_class.node_affinity_terms.push_back({term.match_expressions, {}});
    }
  }
  pod_class.preferred_node_affinity = pod.spec->affinity.preferred_node_affinity;
  pod_class.tolerations = pod.spec->tolerations;
  // How long a taint is tolerated matters to eviction alone.
  for (kube::Toleration& toleration : pod_class.tolerations) toleration.toleration_seconds.reset();
  pod_class.required_pod_affinity = pod.spec->affinity.required_pod_affinity;
  pod_class.preferred_pod_affinity = pod.spec->affinity.preferred_pod_affinity;
  pod_class.required_pod_anti_affinity = pod.spec->affinity.required_pod_anti_affinity;
  pod_class.preferred_pod_anti_affinity = pod.spec->affinity.preferred_pod_anti_affinity;
  pod_class.topology_spread_constraints = pod.spec->topology_spread_constraints;
  AddContainers(pod.spec->init_containers, pod_class);
  AddContainers(pod.spec->containers, pod_class);
  for (const kube::Volume& volume : pod.spec->volumes) {
    if (!volume.image.empty()) pod_class.volume_images.push_back(volume.image);
  }
  std::copy_if(pod.spec->volumes.begin(), pod.spec->volumes.end(),
               std::back_inserter(pod_class.disks), NamesDisk);
  pod_class.user_namespace_on_host_network = pod.spec->host_network && !pod.spec->host_users;
  return pod_class;
}

}  // namespace

PodFacts FactsOf(const kube::Pod& pod) {
  PodFacts facts;
  facts.namespace_ = pod.metadata.namespace_;
  facts.name = pod.metadata.name;
  facts.uid = pod.metadata.uid;
  facts.node_name = pod.node_name;
  if (const auto& required = pod.spec->affinity.required_node_affinity) {
    for (const kube::NodeSelectorTerm& term : required->terms) {
      facts.node_affinity_fields.push_back(term.match_fields);
    }
  }
  facts.scheduling_gates = pod.spec->scheduling_gates;
  for (const kube::Volume& volume : pod.spec->volumes) {
    if (volume.ephemeral) {
      facts.claims.push_back(
          {volume.name, absl::StrCat(pod.metadata.name, "-", volume.name), true, false});
    } else if (!volume.claim_name.empty()) {
      facts.claims.push_back({volume.name, volume.claim_name, false, volume.claim_read_only});
    }
  }
  facts.has_resource_claims = !pod.spec->resource_claims.empty();
  facts.in_pod_group = !pod.spec->pod_group.empty();
  facts.preempts = pod.spec->preempts;
  facts.priority = pod.spec->priority;
  return facts;
}

const PodClass& PodClassTable::Acquire(const kube::Pod& pod) {
  std::string key = KeyOf(pod);
  if (auto found = by_key_.find(key); found != by_key_.end()) {
    Entry& entry = *entries_[found->second];
    ++entry.users;
    return entry.pod_class;
  }
  PodClass pod_class = ClassOf(pod, resource_names_);
  if (free_ids_.empty()) {
    free_ids_.push_back(static_cast<PodClassId>(entries_.size()));
    entries_.emplace_back();
  }
  pod_class.id = free_ids_.back();
  free_ids_.pop_back();
  auto& slot = entries_[pod_class.id];
  by_key_.emplace(key, pod_class.id);
  pod_class.serial = ++serials_;
  slot = std::make_shared<Entry>(Entry{std::move(pod_class), std::move(key), 1});
  selector_keys_.Add(slot->pod_class);
  return slot->pod_class;
}

std::shared_ptr<const PodClass> PodClassTable::Share(PodClassId id) const {
  HS_CHECK(id < entries_.size() && entries_[id] != nullptr, "a class that is not there was shared");
  return {entries_[id], &entries_[id]->pod_class};
}

void PodClassTable::Release(PodClassId id) {
  HS_CHECK(id < entries_.size() && entries_[id] != nullptr, "a class was released too often");
  Entry& entry = *entries_[id];
  if (--entry.users > 0) return;
  selector_keys_.Remove(entry.pod_class);
  by_key_.erase(entry.key);
  entries_[id].reset();
  free_ids_.push_back(id);
}

}  // namespace heat_scheduler
