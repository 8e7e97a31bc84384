// Whether a node has room for a pod, as its kubelet decides when the pod arrives.
// Source: kubernetes v1.36 pkg/kubelet/lifecycle/predicate.go. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kube/codec.h"
#include "kube/objects.h"

namespace heat_scheduler::cluster {

// Why a kubelet refuses a pod: status.reason and status.message.
struct AdmissionFailure {
  std::string reason;
  std::string message;
};

// Returns why `node` cannot take `pod` beside `others` (the pods that it has admitted and that have
// not ended), or nothing if it can. Looks at the number of pods, each resource that the pod
// requests in name order (an amount that the node does not state counts as 0), then its node
// affinity and its host ports; the first that fails is the answer.
std::optional<AdmissionFailure> AdmitOnNode(const kube::Node& node, const kube::Pod& pod,
                                            const std::vector<kube::Ref<kube::Pod>>& others);

}  // namespace heat_scheduler::cluster
