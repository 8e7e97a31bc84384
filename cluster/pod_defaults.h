// The fields of a pod that the API fills in when its author left them out.
// Source: kubernetes v1.36 pkg/apis/core/v1/defaults.go,
// plugin/pkg/admission/defaulttolerationseconds.
#pragma once

#include "cluster/json.h"

namespace heat_scheduler::cluster {

// Fills in the spec of a pod whose shape was checked. Idempotent.
void SetPodDefaults(Json& pod);

// Adds the tolerations of not-ready and unreachable nodes for 300 seconds, unless the pod says
// something about them itself.
void AddDefaultTolerations(Json& pod);

}  // namespace heat_scheduler::cluster
