// What becomes of a pod on its way into the store: the defaults, checks and admission that a
// scheduler relies on.
//
// Those are: schedulerName, phase, requests defaulted from limits, priority of its PriorityClass,
// the two NoExecute tolerations, qosClass, scheduling gates that may only be removed, a spec that
// an update may hardly change. Volumes, security and service accounts are not looked at. Source:
// kubernetes v1.36 pkg/apis/core/v1/defaults.go, pkg/apis/core/validation/validation.go,
// pkg/registry/core/pod/strategy.go, plugin/pkg/admission/{priority,defaulttolerationseconds}.
#pragma once

#include <string>
#include <vector>

#include "cluster/api_error.h"
#include "cluster/json.h"
#include "cluster/store.h"

namespace heat_scheduler::cluster {

// Returns why a document does not decode as a Pod (a list that is none, a quantity that cannot be
// read), or nothing.
std::string PodShapeError(const Json& pod);

// Fills in a new pod, and adds what is invalid to `causes`. Forbidden for a PriorityClass that does
// not exist or a priority that is not its class's.
Refusal AdmitPodCreate(const Store& store, Json& pod, std::vector<ErrorCause>& causes);

// Adds to `causes` if `pod` changes of `current` what an update may not change.
void AdmitPodUpdate(const Json& current, Json& pod, std::vector<ErrorCause>& causes);

// Fills in what a status update leaves to the server: qosClass, and lastTransitionTime of
// conditions that come without one.
void AdmitPodStatus(const Store& store, const Json& current, Json& pod);

// Puts a condition of this type, status, reason and message into the pod's status, dated `now` if
// its status changes.
void SetPodCondition(Json& pod, std::string_view type, std::string_view status,
                     std::string_view reason, std::string_view message, absl::Time now);

}  // namespace heat_scheduler::cluster
