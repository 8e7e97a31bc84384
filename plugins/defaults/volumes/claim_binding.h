// How far the claims of a pod in flight are on their way to being bound, by what the API shows.
//
// Looked at once the plan for them was written, until somebody else, the controller of volumes or a
// provisioner, has bound them all. A provisioner that cannot make a volume says so by taking the
// annotation with the node off the claim. Pure functions.
// Source: pkg/scheduler/framework/plugins/volumebinding/binder.go (checkBindings), v1.36. Beyond it
// a volume that is another claim's by now, and a claim that got another volume, are errors, too.
#pragma once

#include "absl/status/statusor.h"
#include "kube/objects.h"
#include "scheduler/state/assumed_volumes.h"
#include "scheduler/state/cluster_objects.h"

namespace heat_scheduler {

// Returns true if every claim of the plan is bound, false if it is worth waiting, or why nothing
// will come of it, without "binding volumes: ". `csi_node` is that of the node, or null.
absl::StatusOr<bool> AreBound(const ClusterObjects& objects, const VolumePlan& plan,
                              const kube::Node& node, const kube::CsiNode* csi_node);

}  // namespace heat_scheduler
