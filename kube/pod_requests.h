// What a pod asks of a node in all: its containers, init containers, sidecars, overhead and
// pod-level resources taken together, as kube-scheduler counts them. Source:
// k8s.io/component-helpers resource/helpers.go (PodRequests), pkg/scheduler/framework/types.go
// (v1.36).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kube/objects.h"

namespace heat_scheduler::kube {

// Requests that a container counts with, for scores, where it has none: 100m cpu, 200 MiB memory.
inline constexpr std::int64_t kDefaultMilliCpuRequest = 100;
inline constexpr std::int64_t kDefaultMemoryRequest = 200 * 1024 * 1024;

// Returns the pod's effective requests. Resources that nothing requests are absent.
ResourceList PodRequests(const Pod& pod);

// Returns the pod's effective limits, those of a resize under way left out: the overhead counts
// where there is a limit.
ResourceList PodLimits(const Pod& pod);

// Returns PodRequests with cpu and memory of each container at least the defaults above where it
// states none. Only cpu and memory differ from PodRequests.
ResourceList PodNonZeroRequests(const Pod& pod);

// Returns what the containers and the overhead request alone, requests of the pod as a whole left
// out, with the defaults above. Differs from PodNonZeroRequests only for pods with such requests:
// kube-scheduler scores a pod that it is to place by this, and pods that it has placed by the
// other (v1.36, noderesources/resource_allocation.go: no scorer is told of pod-level resources).
ResourceList PodContainerNonZeroRequests(const Pod& pod);

// One port that the pod takes on its node.
struct HostPort {
  std::string protocol;  // "TCP", "UDP", "SCTP".
  std::string ip;        // "0.0.0.0" for all addresses.
  std::int32_t port = 0;

  friend auto operator<=>(const HostPort&, const HostPort&) = default;
};

// Returns the host ports of containers and of sidecars, in order.
std::vector<HostPort> PodHostPorts(const Pod& pod);

// Returns true if the two cannot be on one node: same protocol and port, and equal or all-covering
// addresses.
bool Conflict(const HostPort& a, const HostPort& b);

}  // namespace heat_scheduler::kube
