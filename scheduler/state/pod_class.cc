#include "scheduler/state/pod_class.h"

#include <string_view>
#include <utility>

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
  key.Number(toleration.exists ? 1 : 0);
  key.Number(toleration.unsupported_operator ? 1 : 0);
  key.Text(toleration.value);
  key.Number(static_cast<int>(toleration.effect));
}

std::string KeyOf(const PodClass& pod_class) {
  KeyWriter key;
  key.Text(pod_class.namespace_);
  Write(key, pod_class.requests);
  key.Number(pod_class.nonzero_milli_cpu);
  key.Number(pod_class.nonzero_memory);
  key.Number(pod_class.scored_milli_cpu);
  key.Number(pod_class.scored_memory);
  key.Size(pod_class.host_ports.size());
  for (const kube::HostPort& port : pod_class.host_ports) {
    key.Text(port.protocol);
    key.Text(port.ip);
    key.Number(port.port);
  }
  Write(key, pod_class.node_selector);
  key.Number(pod_class.has_required_node_affinity ? 1 : 0);
  key.Size(pod_class.node_affinity_terms.size());
  for (const kube::NodeSelectorTerm& term : pod_class.node_affinity_terms) {
    Write(key, term.match_expressions);
  }
  key.Size(pod_class.tolerations.size());
  for (const kube::Toleration& toleration : pod_class.tolerations) Write(key, toleration);
  return key.Take();
}

PodClass ClassOf(const kube::Pod& pod, Interner& resource_names) {
  PodClass pod_class;
  pod_class.namespace_ = pod.metadata.namespace_;
  pod_class.requests = ToResources(kube::PodRequests(pod), resource_names);
  const Resources nonzero = ToResources(kube::PodNonZeroRequests(pod), resource_names);
  pod_class.nonzero_milli_cpu = nonzero.milli_cpu;
  pod_class.nonzero_memory = nonzero.memory;
  const Resources scored =
      pod.spec.pod_requests.empty()
          ? nonzero
          : ToResources(kube::PodContainerNonZeroRequests(pod), resource_names);
  pod_class.scored_milli_cpu = scored.milli_cpu;
  pod_class.scored_memory = scored.memory;
  pod_class.host_ports = kube::PodHostPorts(pod);
  pod_class.node_selector = pod.spec.node_selector;
  if (const auto& required = pod.spec.affinity.required_node_affinity) {
    pod_class.has_required_node_affinity = true;
    for (const kube::NodeSelectorTerm& term : required->terms) {
      pod_class.node_affinity_terms.push_back({term.match_expressions, {}});
    }
  }
  pod_class.tolerations = pod.spec.tolerations;
  // How long a taint is tolerated matters to eviction alone.
  for (kube::Toleration& toleration : pod_class.tolerations) toleration.toleration_seconds.reset();
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
