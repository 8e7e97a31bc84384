// Says which declared inputs a change of a node touches.
//
// Fields that no input stands for (status, capacity, conditions, timestamps) do not count: a node's
// heartbeat changes nothing. Pure functions.
#pragma once

#include "kube/objects.h"
#include "scheduler/state/inputs.h"

namespace heat_scheduler {

// What comes with a node that was not there: all that it has, room for pods and topology domains.
inline constexpr Inputs kInputsOfNewNode = {
    Input::kNodeResources, Input::kNodeLabels,      Input::kNodeTaints,
    Input::kNodeImages,    Input::kNodeAnnotations, Input::kNodeDeclaredFeatures,
    Input::kNodePods,      Input::kTopologyCounts,  Input::kFeasibleCount};

// Returns the inputs by which two versions of a node differ; labels bring kTopologyCounts along,
// since they say which domains the node's pods count in.
Inputs ChangedInputs(const kube::Node& before, const kube::Node& after);

}  // namespace heat_scheduler
