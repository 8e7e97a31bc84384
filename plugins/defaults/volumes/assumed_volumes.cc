#include "plugins/defaults/volumes/assumed_volumes.h"

#include <iterator>
#include <utility>

#include "kube/storage.h"

namespace heat_scheduler {
namespace {

// Adds the pod to those that assume the same; an assumption that does not hold any more, or says
// something else, gives way.
template <typename Assumption, typename Same>
void Join(std::map<std::string, Assumption, std::less<>>& all, const std::string& key,
          Assumption assumption, Same same, const std::string& pod) {
  const auto [found, added] = all.try_emplace(key, assumption);
  if (!added && !same(found->second)) found->second = std::move(assumption);
  found->second.pods.insert(pod);
}

template <typename Assumption>
void Leave(std::map<std::string, Assumption, std::less<>>& all, std::string_view pod) {
  for (auto at = all.begin(); at != all.end();) {
    auto& pods = at->second.pods;
    if (const auto found = pods.find(pod); found != pods.end()) pods.erase(found);
    at = pods.empty() ? all.erase(at) : std::next(at);
  }
}

}  // namespace

bool RefersTo(const ClaimReference& reference, const kube::PersistentVolumeClaim& claim) {
  return !reference.name.empty() && reference.name == claim.metadata.name &&
         reference.namespace_ == claim.metadata.namespace_ &&
         (reference.uid.empty() || reference.uid == claim.metadata.uid);
}

ClaimReference AssumedVolumes::ClaimOf(const kube::PersistentVolume& volume) const {
  const auto found = volumes_.find(volume.metadata.name);
  if (found == volumes_.end() ||
      found->second.resource_version != volume.metadata.resource_version) {
    return {volume.claim_namespace, volume.claim_name, volume.claim_uid};
  }
  const Volume& assumed = found->second;
  return {assumed.claim_namespace, assumed.claim_name, assumed.claim_uid};
}

const std::string* AssumedVolumes::SelectedNodeOf(const kube::PersistentVolumeClaim& claim) const {
  const auto found = claims_.find(kube::KeyOf(claim.metadata));
  if (found != claims_.end() && found->second.resource_version == claim.metadata.resource_version) {
    return &found->second.node;
  }
  const auto annotation = claim.metadata.annotations.find(kube::kSelectedNodeAnnotation);
  return annotation == claim.metadata.annotations.end() ? nullptr : &annotation->second;
}

void AssumedVolumes::AssumeBound(const std::string& pod, const kube::PersistentVolume& volume,
                                 const kube::PersistentVolumeClaim& claim) {
  const Volume assumed{volume.metadata.resource_version,
                       claim.metadata.namespace_,
                       claim.metadata.name,
                       claim.metadata.uid,
                       {}};
  Join(
      volumes_, volume.metadata.name, assumed,
      [&](const Volume& other) {
        return other.resource_version == assumed.resource_version &&
               other.claim_namespace == assumed.claim_namespace &&
               other.claim_name == assumed.claim_name && other.claim_uid == assumed.claim_uid;
      },
      pod);
}

void AssumedVolumes::AssumeProvisioned(const std::string& pod,
                                       const kube::PersistentVolumeClaim& claim,
                                       const std::string& node) {
  const Claim assumed{claim.metadata.resource_version, node, {}};
  Join(
      claims_, kube::KeyOf(claim.metadata), assumed,
      [&](const Claim& other) {
        return other.resource_version == assumed.resource_version && other.node == assumed.node;
      },
      pod);
}

void AssumedVolumes::Forget(std::string_view pod) {
  Leave(volumes_, pod);
  Leave(claims_, pod);
}

}  // namespace heat_scheduler
