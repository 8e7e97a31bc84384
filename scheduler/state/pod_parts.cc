#include "scheduler/state/pod_parts.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "kube/documents.h"

namespace heat_scheduler {

template <typename Part>
Part PodParts::Pool<Part>::Kept(const Part& part) {
  if (part == Part()) return {};
  if (parts_.size() >= most_) {
    absl::erase_if(parts_, [](const Part& kept) { return kept.holders() == 1; });
    most_ = std::max(most_, 2 * parts_.size());
  }
  return *parts_.insert(part).first;
}

kube::Ref<kube::Pod> PodParts::Share(kube::Ref<kube::Pod> pod) {
  // A copy would not have it.
  if (kube::DocumentOf(pod) != nullptr) return pod;
  const kube::ObjectMeta& metadata = pod->metadata;
  kube::StringMap labels = texts_.Kept(metadata.labels);
  kube::StringMap annotations = texts_.Kept(metadata.annotations);
  Cow<std::vector<kube::OwnerReference>> owners = owners_.Kept(metadata.owner_references);
  Cow<kube::PodSpec> spec = specs_.Kept(pod->spec);
  Cow<std::vector<kube::PodCondition>> conditions = conditions_.Kept(pod->status.conditions);
  kube::TextMap<kube::ResourceList> allocated = allocated_.Kept(pod->status.allocated_requests);
  if (labels.SharesWith(metadata.labels) && annotations.SharesWith(metadata.annotations) &&
      owners.SharesWith(metadata.owner_references) && spec.SharesWith(pod->spec) &&
      conditions.SharesWith(pod->status.conditions) &&
      allocated.SharesWith(pod->status.allocated_requests)) {
    return pod;
  }
  const auto shared = std::make_shared<kube::Pod>(*pod);
  shared->metadata.labels = std::move(labels);
  shared->metadata.annotations = std::move(annotations);
  shared->metadata.owner_references = std::move(owners);
  shared->spec = std::move(spec);
  shared->status.conditions = std::move(conditions);
  shared->status.allocated_requests = std::move(allocated);
  return shared;
}

std::size_t PodParts::size() const {
  return texts_.size() + owners_.size() + specs_.size() + conditions_.size() + allocated_.size();
}

}  // namespace heat_scheduler
