#include "scheduler/framework/extender.h"

#include <algorithm>

namespace heat_scheduler {
namespace {

bool Names(const std::vector<kube::Container>& containers, const std::string& resource) {
  return std::any_of(containers.begin(), containers.end(), [&](const kube::Container& container) {
    return container.requests.count(resource) > 0 || container.limits.count(resource) > 0;
  });
}

}  // namespace

bool IsInterested(const ExtenderConfig& extender, const kube::Pod& pod) {
  const auto& resources = extender.managed_resources;
  return resources.empty() ||
         std::any_of(resources.begin(), resources.end(), [&](const ManagedResource& resource) {
           return Names(pod.spec->containers, resource.name) ||
                  Names(pod.spec->init_containers, resource.name);
         });
}

std::vector<ExtenderConfig> InCallOrder(std::vector<ExtenderConfig> extenders) {
  std::stable_partition(extenders.begin(), extenders.end(),
                        [](const ExtenderConfig& extender) { return !extender.ignorable; });
  return extenders;
}

}  // namespace heat_scheduler
