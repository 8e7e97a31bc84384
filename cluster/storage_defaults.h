// What the API server fills in on volumes, claims and storage classes. Pure functions.
//
// Source: kubernetes v1.36 pkg/apis/core/v1/defaults.go, pkg/apis/storage/v1/defaults.go.
#pragma once

#include "cluster/json.h"
#include "cluster/kinds.h"

namespace heat_scheduler::cluster {

// Fills in a new object; leaves those of other kinds as they are.
void DefaultStorage(const ResourceInfo& resource, Json& object);

}  // namespace heat_scheduler::cluster
