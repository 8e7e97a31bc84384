// One set of events, two faces: core/v1 (how they are kept) and events.k8s.io/v1.
// Source: kubernetes v1.36 pkg/apis/events/v1/conversion.go. Pure functions.
#pragma once

#include "cluster/json.h"
#include "cluster/kinds.h"

namespace heat_scheduler::cluster {

// Returns true if the resource is kept in another form than it is served in.
bool IsView(const ResourceInfo& resource);

// Returns a document of `resource` in the form in which it is kept.
Json ToStored(const ResourceInfo& resource, Json document);

// Returns a stored document in the form of `resource`.
Json ToView(const ResourceInfo& resource, Json document);

}  // namespace heat_scheduler::cluster
