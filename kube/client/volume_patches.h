// What a scheduler writes on volumes and claims: that a volume is set aside for a claim, and on
// which node a volume is to be provisioned for one. Pure functions.
//
// Both are merge patches with the resourceVersion as precondition: an object that has changed since
// gives 409. Source: k8s.io/component-helpers storage/volume (GetBindVolumeToClaim, v0.36);
// pkg/scheduler/framework/plugins/volumebinding/binder.go (AssumePodVolumes), v1.36.
#pragma once

#include <string>

#include "kube/objects.h"

namespace heat_scheduler::kube {

struct VolumePatch {
  std::string volume;
  std::string resource_version;  // Precondition.
  ObjectReference claim;         // Namespace, name, UID and resourceVersion.
  bool by_controller = true;     // The user had not set it aside himself.
};

struct ClaimPatch {
  std::string namespace_;
  std::string name;
  std::string resource_version;  // Precondition.
  std::string selected_node;
};

std::string EncodeVolumePatch(const VolumePatch& patch);
std::string EncodeClaimPatch(const ClaimPatch& patch);

}  // namespace heat_scheduler::kube
