#include "tests/faults/fit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "kube/pod_requests.h"
#include "kube/selectors.h"

namespace heat_scheduler {
namespace {

constexpr char kCordonTaint[] = "node.kubernetes.io/unschedulable";

kube::Quantity AmountOf(const kube::ResourceList& list, const std::string& resource) {
  const auto found = list.find(resource);
  return found == list.end() ? kube::Quantity() : found->second;
}

bool ToleratesTaint(const kube::Pod& pod, const kube::Taint& taint) {
  for (const kube::Toleration& toleration : pod.spec->tolerations) {
    if (kube::Tolerates(toleration, taint)) return true;
  }
  return false;
}

std::string WhyPortsConflict(const kube::Pod& pod, const PodRefs& others) {
  for (const kube::HostPort& port : kube::PodHostPorts(pod)) {
    for (const kube::Ref<kube::Pod>& other : others) {
      for (const kube::HostPort& taken : kube::PodHostPorts(*other)) {
        if (kube::Conflict(port, taken)) {
          return absl::StrCat("host port ", port.port, " is taken by ", other->metadata.name);
        }
      }
    }
  }
  return "";
}

}  // namespace

std::string NameOf(const kube::Pod& pod) {
  return absl::StrCat("pod ", pod.metadata.name, " (", pod.metadata.uid, ")");
}

bool Holds(const PodRefs& pods, const std::string& uid) {
  return std::any_of(pods.begin(), pods.end(),
                     [&](const auto& pod) { return pod->metadata.uid == uid; });
}

bool HasClaims(const kube::Pod& pod) {
  return std::any_of(pod.spec->volumes.begin(), pod.spec->volumes.end(),
                     [](const kube::Volume& volume) { return !volume.claim_name.empty(); });
}

std::string WhyOvercommitted(const kube::Pod& pod, const kube::Node& node, const PodRefs& others) {
  const kube::Quantity most = AmountOf(node.allocatable, "pods");
  if (static_cast<std::int64_t>(others.size()) + 1 > most.Value()) {
    return absl::StrCat("pods: ", others.size() + 1, " of ", most.ToString());
  }
  for (const auto& [resource, wanted] : kube::PodRequests(pod)) {
    if (wanted.is_zero()) continue;
    kube::Quantity total = wanted;
    for (const kube::Ref<kube::Pod>& other : others) {
      total += AmountOf(kube::PodRequests(*other), resource);
    }
    const kube::Quantity there = AmountOf(node.allocatable, resource);
    if (total > there) {
      return absl::StrCat(resource, ": ", total.ToString(), " of ", there.ToString());
    }
  }
  return WhyPortsConflict(pod, others);
}

std::string WhyForbidden(const kube::Pod& pod, const kube::Node& node) {
  if (!pod.node_name.empty() && pod.node_name != node.metadata.name) {
    return absl::StrCat("it names node ", pod.node_name);
  }
  kube::Taint cordon;
  cordon.key = kCordonTaint;
  if (node.unschedulable && !ToleratesTaint(pod, cordon)) return "the node is cordoned";
  for (const kube::Taint& taint : node.taints) {
    if (taint.effect == kube::TaintEffect::kPreferNoSchedule) continue;
    if (!ToleratesTaint(pod, taint)) return absl::StrCat("taint ", taint.key, " is not tolerated");
  }
  for (const auto& [key, value] : pod.spec->node_selector) {
    const auto label = node.metadata.labels.find(key);
    if (label == node.metadata.labels.end() || label->second != value) {
      return absl::StrCat("node selector ", key, "=", value, " does not match");
    }
  }
  const auto& affinity = pod.spec->affinity.required_node_affinity;
  if (affinity.has_value() && !kube::Matches(*affinity, node.metadata.labels, node.metadata.name)) {
    return "the required node affinity does not match";
  }
  return "";
}

std::string WhyNot(const kube::Pod& pod, const kube::Node& node, const PodRefs& others) {
  std::string why = WhyForbidden(pod, node);
  return why.empty() ? WhyOvercommitted(pod, node, others) : why;
}

}  // namespace heat_scheduler
