// What was decided about claims and volumes for pods in flight and is not in the API yet.
//
// A volume is assumed to be bound to a claim, a claim to be provisioned on a node, from the moment
// that a pod is reserved until the API shows a newer version of the object or the pod gives up. So
// no volume is given twice, and pods that share a claim go to one node. Thread-compatible.
// Source: pkg/scheduler/framework/plugins/volumebinding/passive_assume_cache.go (v1.36).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "kube/objects.h"

namespace heat_scheduler {

// Which claim a volume is bound to, or set aside for. An empty name: none.
struct ClaimReference {
  std::string_view namespace_, name, uid;
};

// Returns true if the volume is set aside for the claim: names are equal, and so are the UIDs,
// unless the reference has none.
bool RefersTo(const ClaimReference& reference, const kube::PersistentVolumeClaim& claim);

class AssumedVolumes {
 public:
  // Returns the claim that the volume has, or is assumed to have. Valid until the next change.
  ClaimReference ClaimOf(const kube::PersistentVolume& volume) const;

  // Returns the node on which a volume is to be provisioned for the claim, or is assumed to be;
  // null: none was chosen. Valid until the next change.
  const std::string* SelectedNodeOf(const kube::PersistentVolumeClaim& claim) const;

  // Assumes it for the pod of that key.
  void AssumeBound(const std::string& pod, const kube::PersistentVolume& volume,
                   const kube::PersistentVolumeClaim& claim);
  void AssumeProvisioned(const std::string& pod, const kube::PersistentVolumeClaim& claim,
                         const std::string& node);

  // Forgets what was assumed for the pod and for no other.
  void Forget(std::string_view pod);

 private:
  struct Volume {
    std::string resource_version;
    std::string claim_namespace, claim_name, claim_uid;
    std::set<std::string, std::less<>> pods;
  };
  struct Claim {
    std::string resource_version;
    std::string node;
    std::set<std::string, std::less<>> pods;
  };
  std::map<std::string, Volume, std::less<>> volumes_;  // By name.
  std::map<std::string, Claim, std::less<>> claims_;    // By "namespace/name".
};

}  // namespace heat_scheduler
