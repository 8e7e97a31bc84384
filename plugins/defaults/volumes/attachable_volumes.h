// Which volumes of CSI drivers a pod needs attached to its node.
//
// Pure function of the cluster's objects. Source: pkg/scheduler/framework/plugins/nodevolumelimits/
// csi.go (filterAttachableVolumes), v1.36.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "kube/objects.h"
#include "scheduler/state/cluster_objects.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

// "driver/handle", which names a volume uniquely, to the driver.
using AttachableVolumes = std::map<std::string, std::string, std::less<>>;

// Returns "driver/handle".
std::string UniqueVolumeName(std::string_view driver, std::string_view handle);

// Adds the volumes that the pod needs on a node with that CSINode (null: it has none). Of a pod
// that is to be placed, a claim that does not exist is NotFound; of others it does not count. Any
// other error is InvalidArgument: an ephemeral volume's claim that is not the pod's, or a disk that
// cannot be translated; what was added before stays.
enum class PodStands { kToBePlaced, kOnNode };
absl::Status AddAttachableVolumes(const ClusterObjects& objects, const PodRecord& pod,
                                  PodStands stands, const kube::CsiNode* csi_node,
                                  AttachableVolumes& volumes);

}  // namespace heat_scheduler
