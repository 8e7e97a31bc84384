// The reviews by which others ask an API server who somebody is and what they may do, answered in
// the simplest way: one token is known, that of the kubeconfig, and who has it may do everything.
//
// Source: k8s.io/api authentication/v1 and authorization/v1, v0.36.
#pragma once

#include <optional>
#include <string>

#include "cluster/api_error.h"
#include "cluster/request.h"
#include "net/http.h"

namespace heat_scheduler::cluster {

// Answers a POST of a TokenReview, a SubjectAccessReview or a SelfSubjectAccessReview; nothing for
// any other request. `token` is the known one; empty: there is none. Its user is "heat-cluster".
// Access is denied to system:anonymous alone.
Outcome<std::optional<net::HttpResponse>> AnswerReview(const ApiRequest& request,
                                                       const std::string& token);

}  // namespace heat_scheduler::cluster
