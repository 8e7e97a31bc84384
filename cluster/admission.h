// What an object must be before it is stored, and what is filled in: the rules common to all kinds,
// and the door to those of single kinds.
//
// Source: k8s.io/apiserver pkg/registry/rest/create.go, update.go; k8s.io/apimachinery
// pkg/api/validation/objectmeta.go; kubernetes pkg/registry/*/strategy.go (v1.36).
#pragma once

#include <string_view>

#include "cluster/api_error.h"
#include "cluster/json.h"
#include "cluster/kinds.h"
#include "cluster/store.h"

namespace heat_scheduler::cluster {

// Which part of an object a request writes.
enum class Part { kMain, kStatus };

// Checks that a document can be one of `resource` at all: apiVersion and kind (filled in if
// absent), metadata and its maps. BadRequest otherwise, as for what does not decode.
Refusal CheckShape(const ResourceInfo& resource, Json& object);

// Makes a new object ready to be stored in `namespace_`: generated name, defaults, reset status;
// then validates it.
Refusal AdmitCreate(Store& store, const ResourceInfo& resource, std::string_view namespace_,
                    Json& object);

// Makes `object` ready to replace `current`: what the request's part may not touch comes from
// `current`; then validates it.
Refusal AdmitUpdate(const Store& store, const ResourceInfo& resource, Part part,
                    const Json& current, Json& object);

}  // namespace heat_scheduler::cluster
