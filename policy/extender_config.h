// `extenders` of a KubeSchedulerConfiguration v1.
//
// Source: k8s.io/kube-scheduler/config/v1/types.go (Extender);
// pkg/scheduler/apis/config/validation/validation.go (validateExtenders), v1.36.
#pragma once

#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {

// Reads the list and refuses everything that kube-scheduler refuses of it. A list that is fine is
// refused too: this scheduler does not call extenders, and one that is left out could let pods
// onto nodes that it would have kept them from.
void ReadExtenders(ArgsReader& configuration);

}  // namespace heat_scheduler
