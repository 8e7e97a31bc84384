// Builders of pods and nodes for tests, so that a case takes a few lines.
//
// MakePod("default/p").Cpu("500m").NodeSelector("disk", "ssd") is a Pod wherever one is wanted;
// Ref() hands out the shared form. Text that is no quantity aborts: the test is wrong. Methods add
// to what is there unless they say otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "kube/objects.h"

namespace heat_scheduler {

// Returns the quantity of the text, or aborts.
kube::Quantity Q(std::string_view text);

class PodBuilder {
 public:
  explicit PodBuilder(std::string_view key);

  // Sets the request of the first container.
  PodBuilder& Request(std::string_view resource, std::string_view quantity);
  PodBuilder& Cpu(std::string_view quantity) { return Request("cpu", quantity); }
  PodBuilder& Memory(std::string_view quantity) { return Request("memory", quantity); }
  // Adds a host port to the first container.
  PodBuilder& Port(std::int32_t host_port, std::string_view protocol = "TCP",
                   std::string_view host_ip = "");
  // Adds a container, named by its place: "c1" is the second.
  PodBuilder& Container(kube::ResourceList requests);
  // Adds an init container ("i0" is the first) that runs to its end.
  PodBuilder& InitContainer(kube::ResourceList requests);
  // Adds an init container that goes on running.
  PodBuilder& Sidecar(kube::ResourceList requests);
  PodBuilder& Overhead(kube::ResourceList overhead);
  // Sets spec.resources.requests.
  PodBuilder& PodLevelRequests(kube::ResourceList requests);

  PodBuilder& Uid(std::string_view uid);
  PodBuilder& ResourceVersion(std::string_view version);
  PodBuilder& Created(absl::Time time);
  PodBuilder& Deleting(absl::Time time);
  PodBuilder& Label(std::string_view key, std::string_view value);
  PodBuilder& Annotation(std::string_view key, std::string_view value);
  PodBuilder& Owner(std::string_view kind, std::string_view name);

  PodBuilder& Scheduler(std::string_view name);
  PodBuilder& Node(std::string_view name);
  PodBuilder& Nominated(std::string_view node_name);
  PodBuilder& Priority(std::int32_t priority);
  // Sets preemptionPolicy to Never.
  PodBuilder& NeverPreempts();
  PodBuilder& Gate(std::string_view name);
  PodBuilder& NodeSelector(std::string_view key, std::string_view value);
  // Adds an alternative to the required node affinity.
  PodBuilder& RequiredNodeTerm(kube::NodeSelectorTerm term);
  PodBuilder& PreferredNodeTerm(std::int32_t weight, kube::NodeSelectorTerm term);
  // Each adds a term, by default one that selects no pod.
  PodBuilder& RequiredPodAffinity(kube::PodAffinityTerm term = {});
  PodBuilder& PreferredPodAffinity(std::int32_t weight = 1, kube::PodAffinityTerm term = {});
  PodBuilder& RequiredPodAntiAffinity(kube::PodAffinityTerm term = {});
  PodBuilder& PreferredPodAntiAffinity(std::int32_t weight = 1, kube::PodAffinityTerm term = {});
  PodBuilder& Spread(kube::TopologySpreadConstraint constraint);
  // Tolerates the key with any value, for the effect or for every one.
  PodBuilder& TolerateKey(std::string_view key,
                          kube::TaintEffect effect = kube::TaintEffect::kNone);
  // Tolerates the key with this value.
  PodBuilder& Tolerate(std::string_view key, std::string_view value,
                       kube::TaintEffect effect = kube::TaintEffect::kNone);
  PodBuilder& Toleration(kube::Toleration toleration);
  // Adds a volume that is a claim of the pod's namespace, named like it.
  PodBuilder& Claim(std::string_view name);
  // Adds a volume with a claim of its own, "<pod>-<name>".
  PodBuilder& EphemeralVolume(std::string_view name);
  PodBuilder& Volume(kube::Volume volume);
  PodBuilder& Phase(std::string_view phase);
  PodBuilder& Started(absl::Time time);
  PodBuilder& Condition(kube::PodCondition condition);

  operator kube::Pod() const { return pod_; }
  std::shared_ptr<const kube::Pod> Ref() const { return std::make_shared<const kube::Pod>(pod_); }

 private:
  kube::Pod pod_;
};

class NodeBuilder {
 public:
  explicit NodeBuilder(std::string_view name);

  // Sets both capacity and allocatable.
  NodeBuilder& Resource(std::string_view resource, std::string_view quantity);
  NodeBuilder& Cpu(std::string_view quantity) { return Resource("cpu", quantity); }
  NodeBuilder& Memory(std::string_view quantity) { return Resource("memory", quantity); }
  NodeBuilder& Pods(std::int64_t count) { return Resource("pods", std::to_string(count)); }

  NodeBuilder& Uid(std::string_view uid);
  NodeBuilder& ResourceVersion(std::string_view version);
  NodeBuilder& Label(std::string_view key, std::string_view value);
  NodeBuilder& Annotation(std::string_view key, std::string_view value);
  NodeBuilder& Taint(std::string_view key, std::string_view value = "",
                     kube::TaintEffect effect = kube::TaintEffect::kNoSchedule);
  NodeBuilder& Unschedulable();
  NodeBuilder& Image(std::string_view name, std::int64_t size_bytes);

  operator kube::Node() const { return node_; }
  std::shared_ptr<const kube::Node> Ref() const {
    return std::make_shared<const kube::Node>(node_);
  }

 private:
  kube::Node node_;
};

// Starts a pending pod with one container "c0" that requests nothing. `key` is "namespace/name", or
// a name in namespace "default"; the UID is "<namespace>-<name>-uid".
PodBuilder MakePod(std::string_view key);

// Starts a node that holds 110 pods and nothing else, with the label kubernetes.io/hostname; the
// UID is "<name>-uid".
NodeBuilder MakeNode(std::string_view name);

// Returns a requirement on labels, such as Require("zone", kIn, {"a", "b"}).
kube::SelectorRequirement Require(std::string_view key, kube::SelectorOperator op,
                                  std::vector<std::string> values = {});

}  // namespace heat_scheduler
