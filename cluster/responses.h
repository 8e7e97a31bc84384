// The shapes of responses.
#pragma once

#include <string>
#include <string_view>

#include "cluster/api_error.h"
#include "cluster/json.h"
#include "net/http.h"

namespace heat_scheduler::cluster {

// Returns a response with a JSON body.
net::HttpResponse JsonResponse(int status, std::string body);

// Returns a plain-text response.
net::HttpResponse TextResponse(int status, std::string body);

// Returns a refusal as a response, with Retry-After where it applies.
net::HttpResponse ErrorResponse(const ApiError& error);

// Returns metav1.Status "Success" with the given HTTP status.
net::HttpResponse SuccessResponse(int status);

}  // namespace heat_scheduler::cluster
