#include "kube/pod_requests.h"

#include <algorithm>
#include <string_view>

namespace heat_scheduler::kube {
namespace {

constexpr std::string_view kCpu = "cpu";
constexpr std::string_view kMemory = "memory";
constexpr std::string_view kAllAddresses = "0.0.0.0";

void Add(const ResourceList& amounts, ResourceList& total) {
  for (const auto& [name, quantity] : amounts) total[name] += quantity;
}

// The only resources that a pod can request as a whole.
bool IsPodLevelResource(std::string_view name) {
  return name == kCpu || name == kMemory || name.substr(0, 10) == "hugepages-";
}

bool HasPodLevelRequests(const Pod& pod) {
  return std::any_of(pod.spec->pod_requests.begin(), pod.spec->pod_requests.end(),
                     [](const auto& entry) { return IsPodLevelResource(entry.first); });
}

// What is requested while a resize may be under way: the most of what is wanted and what is held,
// or only what is held once the node has refused the resize for good.
ResourceList Effective(const ResourceList& spec, const ResourceList& held, bool infeasible) {
  if (infeasible) return held;
  ResourceList result = spec;
  Raise(held, result);
  return result;
}

// Requests of one container, with `missing` for what it does not state.
ResourceList ContainerRequests(const Pod& pod, const Container& container, bool resizable,
                               const ResourceList& missing) {
  ResourceList result = container.requests;
  if (resizable) {
    const auto held = pod.status.allocated_requests.find(container.name);
    if (held != pod.status.allocated_requests.end()) {
      result = Effective(container.requests, held->second, pod.status.resize_infeasible);
    }
  }
  result.insert(missing.begin(), missing.end());
  return result;
}

// Containers run together, after the init containers have run one by one, each beside the sidecars
// that started before it.
// `amounts_of(container, resizable)` are those of one of them.
template <typename AmountsOf>
ResourceList SumOfContainers(const Pod& pod, AmountsOf amounts_of) {
  ResourceList total;
  for (const Container& container : pod.spec->containers) Add(amounts_of(container, true), total);
  ResourceList sidecars;
  ResourceList init;
  for (const Container& container : pod.spec->init_containers) {
    ResourceList amounts = amounts_of(container, container.restartable);
    if (container.restartable) {
      Add(amounts, total);
      Add(amounts, sidecars);
      Raise(sidecars, init);
    } else {
      Add(sidecars, amounts);
      Raise(amounts, init);
    }
  }
  Raise(init, total);
  return total;
}

ResourceList SumOfRequests(const Pod& pod, const ResourceList& missing) {
  return SumOfContainers(pod, [&](const Container& container, bool resizable) {
    return ContainerRequests(pod, container, resizable, missing);
  });
}

ResourceList Requests(const Pod& pod, const ResourceList& missing) {
  ResourceList total = SumOfRequests(pod, missing);
  if (HasPodLevelRequests(pod)) {
    const ResourceList& spec = pod.spec->pod_requests;
    const ResourceList effective =
        pod.status.allocated_pod_requests
            ? Effective(spec, *pod.status.allocated_pod_requests, pod.status.resize_infeasible)
            : spec;
    for (const auto& [name, quantity] : spec) {
      if (!IsPodLevelResource(name)) continue;
      const auto amount = effective.find(name);
      total[name] = amount == effective.end() ? Quantity() : amount->second;
    }
  }
  Add(pod.spec->overhead, total);
  return total;
}

ResourceList Defaults() {
  return {{std::string(kCpu), Quantity::FromMilli(kDefaultMilliCpuRequest)},
          {std::string(kMemory), Quantity::FromValue(kDefaultMemoryRequest)}};
}

}  // namespace

ResourceList PodRequests(const Pod& pod) { return Requests(pod, {}); }

ResourceList PodLimits(const Pod& pod) {
  ResourceList total =
      SumOfContainers(pod, [](const Container& container, bool) { return container.limits; });
  for (const auto& [name, quantity] : pod.spec->pod_limits) {
    if (IsPodLevelResource(name)) total[name] = quantity;
  }
  for (const auto& [name, quantity] : pod.spec->overhead) {
    const auto limit = total.find(name);
    if (limit != total.end() && !limit->second.is_zero()) total[name] += quantity;
  }
  return total;
}

ResourceList PodNonZeroRequests(const Pod& pod) {
  ResourceList plain = PodRequests(pod);
  ResourceList missing = Defaults();
  // A pod that states requests as a whole needs defaults only where it states nothing anywhere.
  if (HasPodLevelRequests(pod)) {
    for (const auto& [name, quantity] : plain) missing.erase(name);
  }
  if (missing.empty()) return plain;
  return Requests(pod, missing);
}

ResourceList PodContainerNonZeroRequests(const Pod& pod) {
  ResourceList total = SumOfRequests(pod, Defaults());
  Add(pod.spec->overhead, total);
  return total;
}

std::vector<HostPort> PodHostPorts(const Pod& pod) {
  std::vector<HostPort> ports;
  const auto add = [&](const Container& container) {
    for (const ContainerPort& port : container.ports) {
      if (port.host_port <= 0) continue;
      ports.push_back({port.protocol.empty() ? "TCP" : port.protocol,
                       port.host_ip.empty() ? std::string(kAllAddresses) : port.host_ip,
                       port.host_port});
    }
  };
  for (const Container& container : pod.spec->init_containers) {
    if (container.restartable) add(container);
  }
  for (const Container& container : pod.spec->containers) add(container);
  return ports;
}

bool Conflict(const HostPort& a, const HostPort& b) {
  return a.port == b.port && a.protocol == b.protocol &&
         (a.ip == b.ip || a.ip == kAllAddresses || b.ip == kAllAddresses);
}

}  // namespace heat_scheduler::kube
