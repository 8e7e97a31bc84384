#include "plugins/defaults/volumes/claim_binding.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "kube/storage.h"
#include "plugins/defaults/volumes/pod_volumes.h"

namespace heat_scheduler {
namespace {

using kube::PersistentVolume;
using kube::PersistentVolumeClaim;

absl::Status NotFound(const char* resource, const std::string& key) {
  return absl::NotFoundError(absl::StrCat(resource, " ", Quoted(key), " not found"));
}

// Returns the claim that was decided on; one of another UID is none of it.
absl::StatusOr<const PersistentVolumeClaim*> FindClaim(const ClusterObjects& objects,
                                                       const kube::ObjectReference& decided) {
  const std::string key = absl::StrCat(decided.namespace_, "/", decided.name);
  const auto* claim = objects.Find<PersistentVolumeClaim>(key);
  if (claim != nullptr && claim->metadata.uid == decided.uid) return claim;
  return NotFound("persistentvolumeclaims", key);
}

absl::Status CheckReach(const PersistentVolume& volume, const kube::Node& node,
                        const kube::CsiNode* csi_node) {
  ASSIGN_OR_RETURN(const bool reached, IsReachable(volume, node, csi_node));
  if (reached) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("pv ", Quoted(volume.metadata.name), " node affinity doesn't match node ",
                   Quoted(node.metadata.name), ": no matching NodeSelectorTerms"));
}

absl::StatusOr<bool> IsGivenVolume(const ClusterObjects& objects, const ClaimChoice& choice,
                                   const kube::Node& node, const kube::CsiNode* csi_node) {
  const auto* volume = objects.Find<PersistentVolume>(choice.volume);
  if (volume == nullptr) {
    return Annotate(NotFound("persistentvolumes", choice.volume), "failed to check binding");
  }
  const auto found = FindClaim(objects, choice.claim);
  if (!found.ok()) return Annotate(found.status(), "failed to check binding");
  const PersistentVolumeClaim& claim = **found;
  // What was written is not shown yet.
  if (!choice.written && volume->metadata.resource_version == choice.volume_version) return false;
  RETURN_IF_ERROR(CheckReach(*volume, node, csi_node));
  if (volume->claim_uid.empty() ||
      !RefersTo({volume->claim_namespace, volume->claim_name, volume->claim_uid}, claim)) {
    return absl::FailedPreconditionError(
        absl::StrCat("ClaimRef got reset for pv ", Quoted(choice.volume)));
  }
  if (!kube::IsFullyBound(claim)) return false;
  if (claim.volume_name == choice.volume) return true;
  return absl::FailedPreconditionError(absl::StrCat("PVC ", Quoted(claim.metadata.name), " got pv ",
                                                    Quoted(claim.volume_name), " instead of ",
                                                    Quoted(choice.volume)));
}

absl::StatusOr<bool> IsProvisioned(const ClusterObjects& objects, const ClaimChoice& choice,
                                   const kube::Node& node, const kube::CsiNode* csi_node) {
  const auto found = FindClaim(objects, choice.claim);
  if (!found.ok()) return Annotate(found.status(), "failed to check provisioning pvc");
  const PersistentVolumeClaim& claim = **found;
  if (!choice.written && claim.metadata.resource_version == choice.claim.resource_version) {
    return false;
  }
  const auto& annotations = claim.metadata.annotations;
  if (annotations.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("selectedNode annotation reset for PVC ", Quoted(claim.metadata.name)));
  }
  const auto selected = annotations.find(kube::kSelectedNodeAnnotation);
  if (selected == annotations.end() || selected->second != node.metadata.name) {
    return absl::FailedPreconditionError(
        absl::StrCat("provisioning failed for PVC ", Quoted(claim.metadata.name)));
  }
  if (!claim.volume_name.empty()) {
    const auto* volume = objects.Find<PersistentVolume>(claim.volume_name);
    // The watch of volumes may be behind that of claims.
    if (volume == nullptr) return false;
    RETURN_IF_ERROR(CheckReach(*volume, node, csi_node));
  }
  return kube::IsFullyBound(claim);
}

}  // namespace

absl::StatusOr<bool> AreBound(const ClusterObjects& objects, const VolumePlan& plan,
                              const kube::Node& node, const kube::CsiNode* csi_node) {
  for (const ClaimChoice& choice : plan.choices) {
    ASSIGN_OR_RETURN(const bool bound, choice.volume.empty()
                                           ? IsProvisioned(objects, choice, node, csi_node)
                                           : IsGivenVolume(objects, choice, node, csi_node));
    if (!bound) return false;
  }
  return true;
}

}  // namespace heat_scheduler
