// Which pods belong together with a pod that does not say so itself.
//
// Source: pkg/scheduler/framework/plugins/helper/spread.go (DefaultSelector), v1.36.
#pragma once

#include "kube/objects.h"
#include "scheduler/state/cluster_objects.h"

namespace heat_scheduler {

// Returns the selector of the pod's like: of all Services of its namespace that select it and of
// its controller, if that is a ReplicationController, ReplicaSet or StatefulSet that is there. All
// of them must hold; an empty one, if there are none. Pure.
kube::LabelSelector DefaultSelector(const kube::Pod& pod, const ClusterObjects& objects);

}  // namespace heat_scheduler
