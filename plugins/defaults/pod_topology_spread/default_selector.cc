#include "plugins/defaults/pod_topology_spread/default_selector.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "kube/selectors.h"

namespace heat_scheduler {
namespace {

constexpr std::string_view kAppsV1 = "apps/v1";

// Returns the selector of the pod's controller if it is of type T and there; else nothing.
template <typename T>
std::optional<kube::LabelSelector> SelectorOf(const kube::Pod& pod,
                                              const kube::OwnerReference& owner,
                                              const ClusterObjects& objects) {
  const T* found = objects.Find<T>(pod.metadata.namespace_ + "/" + owner.name);
  return found == nullptr ? std::nullopt : found->selector;
}

// Adds what the other selector demands, also where that contradicts what is there.
void Add(const kube::LabelSelector& other, kube::LabelSelector& selector) {
  for (const auto& [key, value] : other.match_labels) {
    selector.match_expressions.push_back({key, kube::SelectorOperator::kIn, {value}});
  }
  selector.match_expressions.insert(selector.match_expressions.end(),
                                    other.match_expressions.begin(), other.match_expressions.end());
}

// Adds pairs in place of those with the same keys.
void Merge(const kube::StringMap& labels, kube::StringMap& into) {
  for (const auto& [key, value] : labels) into[key] = value;
}

}  // namespace

kube::LabelSelector DefaultSelector(const kube::Pod& pod, const ClusterObjects& objects) {
  kube::LabelSelector selector;
  objects.ForEachIn<kube::Service>(pod.metadata.namespace_, [&](const kube::Service& service) {
    if (service.selector && kube::Matches(*service.selector, pod.metadata.labels)) {
      Merge(service.selector->match_labels, selector.match_labels);
    }
  });

  const auto& owners = *pod.metadata.owner_references;
  const auto owner =
      std::find_if(owners.begin(), owners.end(),
                   [](const kube::OwnerReference& reference) { return reference.controller; });
  if (owner == owners.end()) return selector;
  if (owner->api_version == "v1" && owner->kind == "ReplicationController") {
    const auto found = SelectorOf<kube::ReplicationController>(pod, *owner, objects);
    if (found) Merge(found->match_labels, selector.match_labels);
  } else if (owner->api_version == kAppsV1 && owner->kind == "ReplicaSet") {
    const auto found = SelectorOf<kube::ReplicaSet>(pod, *owner, objects);
    if (found) Add(*found, selector);
  } else if (owner->api_version == kAppsV1 && owner->kind == "StatefulSet") {
    const auto found = SelectorOf<kube::StatefulSet>(pod, *owner, objects);
    if (found) Add(*found, selector);
  }
  return selector;
}

}  // namespace heat_scheduler
