#include "cluster/kubelet_admission.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "kube/pod_requests.h"
#include "kube/quantity.h"
#include "kube/selectors.h"

namespace heat_scheduler::cluster {
namespace {

kube::Quantity Amount(const kube::ResourceList& list, const std::string& resource) {
  const auto found = list.find(resource);
  return found == list.end() ? kube::Quantity() : found->second;
}

// As the kubelet prints it: thousandths of cpu, whole units of everything else.
std::int64_t Printed(const std::string& resource, const kube::Quantity& amount) {
  return resource == "cpu" ? amount.MilliValue() : amount.Value();
}

AdmissionFailure OutOf(const std::string& resource, std::int64_t requested, std::int64_t used,
                       std::int64_t capacity) {
  return {absl::StrCat("OutOf", resource),
          absl::StrCat("Pod was rejected: Node didn't have enough resource: ", resource,
                       ", requested: ", requested, ", used: ", used, ", capacity: ", capacity)};
}

bool MatchesNode(const kube::Node& node, const kube::Pod& pod) {
  for (const auto& [key, value] : pod.spec->node_selector) {
    const auto label = node.metadata.labels.find(key);
    if (label == node.metadata.labels.end() || label->second != value) return false;
  }
  const auto& required = pod.spec->affinity.required_node_affinity;
  return !required.has_value() ||
         kube::Matches(*required, node.metadata.labels, node.metadata.name);
}

bool PortsConflict(const kube::Pod& pod, const std::vector<kube::Ref<kube::Pod>>& others) {
  const std::vector<kube::HostPort> wanted = kube::PodHostPorts(pod);
  if (wanted.empty()) return false;
  for (const kube::Ref<kube::Pod>& other : others) {
    for (const kube::HostPort& taken : kube::PodHostPorts(*other)) {
      for (const kube::HostPort& port : wanted) {
        if (kube::Conflict(port, taken)) return true;
      }
    }
  }
  return false;
}

}  // namespace

std::optional<AdmissionFailure> AdmitOnNode(const kube::Node& node, const kube::Pod& pod,
                                            const std::vector<kube::Ref<kube::Pod>>& others) {
  const std::int64_t pods_capacity = Amount(node.allocatable, "pods").Value();
  const auto pods_used = static_cast<std::int64_t>(others.size());
  if (pods_used + 1 > pods_capacity) return OutOf("pods", 1, pods_used, pods_capacity);
  kube::ResourceList used;
  for (const kube::Ref<kube::Pod>& other : others) {
    for (const auto& [resource, amount] : kube::PodRequests(*other)) used[resource] += amount;
  }
  for (const auto& [resource, requested] : kube::PodRequests(pod)) {
    if (requested.is_zero()) continue;
    const kube::Quantity capacity = Amount(node.allocatable, resource);
    kube::Quantity total = Amount(used, resource);
    total += requested;
    if (total <= capacity) continue;
    return OutOf(resource, Printed(resource, requested), Printed(resource, Amount(used, resource)),
                 Printed(resource, capacity));
  }
  if (!MatchesNode(node, pod)) {
    return AdmissionFailure{"NodeAffinity",
                            "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match "
                            "Pod's node affinity/selector"};
  }
  if (PortsConflict(pod, others)) {
    return AdmissionFailure{"NodePorts",
                            "Pod was rejected: Predicate NodePorts failed: node(s) didn't have "
                            "free ports for the requested pod ports"};
  }
  return std::nullopt;
}

}  // namespace heat_scheduler::cluster
