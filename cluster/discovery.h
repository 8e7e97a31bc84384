// What a client asks before it asks for objects: groups, resources, version, OpenAPI.
//
// Source: k8s.io/apimachinery pkg/apis/meta/v1/types.go (APIGroupList, APIResourceList),
// pkg/version. The aggregated form is not offered: clients fall back to this one.
#pragma once

#include <optional>

#include "cluster/request.h"
#include "net/http.h"

namespace heat_scheduler::cluster {

// Returns the response to a discovery request, or nothing if the path is none of discovery's.
std::optional<net::HttpResponse> AnswerDiscovery(const ApiRequest& request);

}  // namespace heat_scheduler::cluster
