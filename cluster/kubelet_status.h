// The status that a kubelet writes at each step of a pod's life. Pure functions: a pod's document
// in, the document with its new status out.
// Source: kubernetes v1.36 pkg/kubelet/status, pkg/kubelet/kubelet_pods.go.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "cluster/json.h"
#include "cluster/kubelet_admission.h"

namespace heat_scheduler::cluster {

// Returns the pod as its node refused it: phase Failed.
Json RejectedPod(Json pod, const AdmissionFailure& failure, absl::Time now);

// Returns the pod with all its containers running and ready.
Json RunningPod(Json pod, const std::string& pod_ip, absl::Time now);

// Returns the pod with all its containers ended with `exit_code`: 0 is Succeeded, else Failed.
Json EndedPod(Json pod, std::int64_t exit_code, absl::Time now);

}  // namespace heat_scheduler::cluster
