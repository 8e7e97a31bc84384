// What is said of the claim of an ephemeral volume that is not the pod's.
// Source: k8s.io/component-helpers storage/ephemeral (VolumeIsForPod), v0.36.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "kube/objects.h"

namespace heat_scheduler {

// Returns "PVC default/web-scratch was not created for pod default/web (pod is not owner)".
inline std::string NotOwnerMessage(const kube::PersistentVolumeClaim& claim, const kube::Pod& pod) {
  return absl::StrCat("PVC ", kube::KeyOf(claim.metadata), " was not created for pod ",
                      kube::KeyOf(pod.metadata), " (pod is not owner)");
}

}  // namespace heat_scheduler
