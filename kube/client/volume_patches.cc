#include "kube/client/volume_patches.h"

#include <nlohmann/json.hpp>

#include "kube/storage.h"

namespace heat_scheduler::kube {

using nlohmann::json;

std::string EncodeVolumePatch(const VolumePatch& patch) {
  json document = {{"metadata", {{"resourceVersion", patch.resource_version}}},
                   {"spec",
                    {{"claimRef",
                      {{"apiVersion", "v1"},
                       {"kind", "PersistentVolumeClaim"},
                       {"namespace", patch.claim.namespace_},
                       {"name", patch.claim.name},
                       {"uid", patch.claim.uid},
                       {"resourceVersion", patch.claim.resource_version}}}}}};
  if (patch.by_controller) {
    document["metadata"]["annotations"] = {{kBoundByControllerAnnotation, "yes"}};
  }
  return document.dump();
}

std::string EncodeClaimPatch(const ClaimPatch& patch) {
  const json document = {{"metadata",
                          {{"resourceVersion", patch.resource_version},
                           {"annotations", {{kSelectedNodeAnnotation, patch.selected_node}}}}}};
  return document.dump();
}

}  // namespace heat_scheduler::kube
