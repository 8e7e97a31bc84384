#include "tests/support/objects.h"

#include "base/check.h"

namespace heat_scheduler {

using kube::ResourceList;

kube::Quantity Q(std::string_view text) {
  const absl::StatusOr<kube::Quantity> quantity = kube::Quantity::Parse(text);
  HS_CHECK(quantity.ok(), quantity.status().ToString());
  return *quantity;
}

PodBuilder::PodBuilder(std::string_view key) {
  const std::size_t slash = key.find('/');
  pod_.metadata.namespace_ = slash == key.npos ? "default" : std::string(key.substr(0, slash));
  pod_.metadata.name = std::string(slash == key.npos ? key : key.substr(slash + 1));
  pod_.metadata.uid = pod_.metadata.namespace_ + "-" + pod_.metadata.name + "-uid";
  pod_.status.phase = "Pending";
  Container({});
}

PodBuilder& PodBuilder::Request(std::string_view resource, std::string_view quantity) {
  pod_.spec->containers.front().requests.insert_or_assign(std::string(resource), Q(quantity));
  return *this;
}

PodBuilder& PodBuilder::Port(std::int32_t host_port, std::string_view protocol,
                             std::string_view host_ip) {
  kube::ContainerPort port;
  port.container_port = host_port;
  port.host_port = host_port;
  port.protocol = protocol;
  port.host_ip = host_ip;
  pod_.spec->containers.front().ports.push_back(std::move(port));
  return *this;
}

PodBuilder& PodBuilder::Container(ResourceList requests) {
  kube::Container container;
  container.name = "c" + std::to_string(pod_.spec->containers.size());
  container.requests = std::move(requests);
  pod_.spec->containers.push_back(std::move(container));
  return *this;
}

PodBuilder& PodBuilder::InitContainer(ResourceList requests) {
  kube::Container container;
  container.name = "i" + std::to_string(pod_.spec->init_containers.size());
  container.requests = std::move(requests);
  pod_.spec->init_containers.push_back(std::move(container));
  return *this;
}

PodBuilder& PodBuilder::Sidecar(ResourceList requests) {
  InitContainer(std::move(requests));
  pod_.spec->init_containers.back().restartable = true;
  return *this;
}

PodBuilder& PodBuilder::Overhead(ResourceList overhead) {
  pod_.spec->overhead = std::move(overhead);
  return *this;
}

PodBuilder& PodBuilder::PodLevelRequests(ResourceList requests) {
  pod_.spec->pod_requests = std::move(requests);
  return *this;
}

PodBuilder& PodBuilder::Uid(std::string_view uid) {
  pod_.metadata.uid = uid;
  return *this;
}

PodBuilder& PodBuilder::ResourceVersion(std::string_view version) {
  pod_.metadata.resource_version = version;
  return *this;
}

PodBuilder& PodBuilder::Created(absl::Time time) {
  pod_.metadata.creation_timestamp = time;
  return *this;
}

PodBuilder& PodBuilder::Deleting(absl::Time time) {
  pod_.metadata.deletion_timestamp = time;
  return *this;
}

PodBuilder& PodBuilder::Label(std::string_view key, std::string_view value) {
  pod_.metadata.labels.insert_or_assign(std::string(key), std::string(value));
  return *this;
}

PodBuilder& PodBuilder::Annotation(std::string_view key, std::string_view value) {
  pod_.metadata.annotations.insert_or_assign(std::string(key), std::string(value));
  return *this;
}

PodBuilder& PodBuilder::Owner(std::string_view kind, std::string_view name) {
  kube::OwnerReference owner;
  owner.api_version = kind == "ReplicationController" ? "v1" : "apps/v1";
  owner.kind = kind;
  owner.name = name;
  owner.uid = owner.name + "-uid";
  owner.controller = true;
  pod_.metadata.owner_references->push_back(std::move(owner));
  return *this;
}

PodBuilder& PodBuilder::Scheduler(std::string_view name) {
  pod_.spec->scheduler_name = name;
  return *this;
}

PodBuilder& PodBuilder::Node(std::string_view name) {
  pod_.node_name = name;
  return *this;
}

PodBuilder& PodBuilder::Nominated(std::string_view node_name) {
  pod_.status.nominated_node_name = node_name;
  return *this;
}

PodBuilder& PodBuilder::Priority(std::int32_t priority) {
  pod_.spec->priority = priority;
  return *this;
}

PodBuilder& PodBuilder::NeverPreempts() {
  pod_.spec->preempts = false;
  return *this;
}

PodBuilder& PodBuilder::Gate(std::string_view name) {
  pod_.spec->scheduling_gates.emplace_back(name);
  return *this;
}

PodBuilder& PodBuilder::NodeSelector(std::string_view key, std::string_view value) {
  pod_.spec->node_selector.insert_or_assign(std::string(key), std::string(value));
  return *this;
}

PodBuilder& PodBuilder::RequiredNodeTerm(kube::NodeSelectorTerm term) {
  std::optional<kube::NodeSelector>& required = pod_.spec->affinity.required_node_affinity;
  if (!required) required.emplace();
  required->terms.push_back(std::move(term));
  return *this;
}

PodBuilder& PodBuilder::PreferredNodeTerm(std::int32_t weight, kube::NodeSelectorTerm term) {
  pod_.spec->affinity.preferred_node_affinity.push_back({weight, std::move(term)});
  return *this;
}

PodBuilder& PodBuilder::RequiredPodAffinity(kube::PodAffinityTerm term) {
  pod_.spec->affinity.required_pod_affinity.push_back(std::move(term));
  return *this;
}

PodBuilder& PodBuilder::PreferredPodAffinity(std::int32_t weight, kube::PodAffinityTerm term) {
  pod_.spec->affinity.preferred_pod_affinity.push_back({weight, std::move(term)});
  return *this;
}

PodBuilder& PodBuilder::RequiredPodAntiAffinity(kube::PodAffinityTerm term) {
  pod_.spec->affinity.required_pod_anti_affinity.push_back(std::move(term));
  return *this;
}

PodBuilder& PodBuilder::PreferredPodAntiAffinity(std::int32_t weight, kube::PodAffinityTerm term) {
  pod_.spec->affinity.preferred_pod_anti_affinity.push_back({weight, std::move(term)});
  return *this;
}

PodBuilder& PodBuilder::Spread(kube::TopologySpreadConstraint constraint) {
  pod_.spec->topology_spread_constraints.push_back(std::move(constraint));
  return *this;
}

PodBuilder& PodBuilder::TolerateKey(std::string_view key, kube::TaintEffect effect) {
  kube::Toleration toleration;
  toleration.key = key;
  toleration.exists = true;
  toleration.effect = effect;
  return Toleration(std::move(toleration));
}

PodBuilder& PodBuilder::Tolerate(std::string_view key, std::string_view value,
                                 kube::TaintEffect effect) {
  kube::Toleration toleration;
  toleration.key = key;
  toleration.value = value;
  toleration.effect = effect;
  return Toleration(std::move(toleration));
}

PodBuilder& PodBuilder::Toleration(kube::Toleration toleration) {
  pod_.spec->tolerations.push_back(std::move(toleration));
  return *this;
}

PodBuilder& PodBuilder::Claim(std::string_view name) {
  kube::Volume volume;
  volume.name = std::string(name);
  volume.claim_name = std::string(name);
  return Volume(std::move(volume));
}

PodBuilder& PodBuilder::EphemeralVolume(std::string_view name) {
  kube::Volume volume;
  volume.name = std::string(name);
  volume.ephemeral = true;
  return Volume(std::move(volume));
}

PodBuilder& PodBuilder::Volume(kube::Volume volume) {
  pod_.spec->volumes.push_back(std::move(volume));
  return *this;
}

PodBuilder& PodBuilder::Phase(std::string_view phase) {
  pod_.status.phase = phase;
  return *this;
}

PodBuilder& PodBuilder::Started(absl::Time time) {
  pod_.status.start_time = time;
  return *this;
}

PodBuilder& PodBuilder::Condition(kube::PodCondition condition) {
  pod_.status.conditions->push_back(std::move(condition));
  return *this;
}

NodeBuilder::NodeBuilder(std::string_view name) {
  node_.metadata.name = name;
  node_.metadata.uid = node_.metadata.name + "-uid";
  Label("kubernetes.io/hostname", name);
  Pods(110);
}

NodeBuilder& NodeBuilder::Resource(std::string_view resource, std::string_view quantity) {
  node_.capacity.insert_or_assign(std::string(resource), Q(quantity));
  node_.allocatable.insert_or_assign(std::string(resource), Q(quantity));
  return *this;
}

NodeBuilder& NodeBuilder::Uid(std::string_view uid) {
  node_.metadata.uid = uid;
  return *this;
}

NodeBuilder& NodeBuilder::ResourceVersion(std::string_view version) {
  node_.metadata.resource_version = version;
  return *this;
}

NodeBuilder& NodeBuilder::Label(std::string_view key, std::string_view value) {
  node_.metadata.labels.insert_or_assign(std::string(key), std::string(value));
  return *this;
}

NodeBuilder& NodeBuilder::Annotation(std::string_view key, std::string_view value) {
  node_.metadata.annotations.insert_or_assign(std::string(key), std::string(value));
  return *this;
}

NodeBuilder& NodeBuilder::Taint(std::string_view key, std::string_view value,
                                kube::TaintEffect effect) {
  node_.taints.push_back({std::string(key), std::string(value), effect});
  return *this;
}

NodeBuilder& NodeBuilder::Unschedulable() {
  node_.unschedulable = true;
  return *this;
}

NodeBuilder& NodeBuilder::Image(std::string_view name, std::int64_t size_bytes) {
  node_.images.push_back({{std::string(name)}, size_bytes});
  return *this;
}

PodBuilder MakePod(std::string_view key) { return PodBuilder(key); }

NodeBuilder MakeNode(std::string_view name) { return NodeBuilder(name); }

kube::SelectorRequirement Require(std::string_view key, kube::SelectorOperator op,
                                  std::vector<std::string> values) {
  return {std::string(key), op, std::move(values)};
}

}  // namespace heat_scheduler
