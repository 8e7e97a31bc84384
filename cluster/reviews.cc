#include "cluster/reviews.h"

#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/status.h"
#include "cluster/json.h"
#include "cluster/responses.h"

namespace heat_scheduler::cluster {
namespace {

Json TokenStatus(const Json& review, const std::string& token) {
  const std::string_view shown = TextAt(review, {"spec", "token"});
  if (token.empty() || shown != token) return {{"user", Json::object()}};
  return {
      {"authenticated", true},
      {"user",
       {{"username", "heat-cluster"}, {"groups", {"heat-cluster:users", "system:authenticated"}}}}};
}

Json AccessStatus(const Json& review) {
  if (TextAt(review, {"spec", "user"}) == "system:anonymous") {
    return {{"allowed", false}, {"reason", "heat-cluster lets everyone but the unknown"}};
  }
  return {{"allowed", true}};
}

}  // namespace

Outcome<std::optional<net::HttpResponse>> AnswerReview(const ApiRequest& request,
                                                       const std::string& token) {
  constexpr std::string_view kAuthentication = "/apis/authentication.k8s.io/v1/";
  constexpr std::string_view kAuthorization = "/apis/authorization.k8s.io/v1/";
  std::string_view path = request.target.path;
  const bool of_tokens = path.starts_with(kAuthentication);
  if (request.http->method != "POST" || (!of_tokens && !path.starts_with(kAuthorization))) {
    return std::optional<net::HttpResponse>();
  }
  path.remove_prefix(of_tokens ? kAuthentication.size() : kAuthorization.size());
  const bool known = of_tokens
                         ? path == "tokenreviews"
                         : path == "subjectaccessreviews" || path == "selfsubjectaccessreviews";
  if (!known) return std::optional<net::HttpResponse>();
  ASSIGN_OR_RETURN(Json review, ReadBody(request));
  if (!review.is_object()) return BadRequest("the body is not a review");
  if (of_tokens) {
    review["status"] = TokenStatus(review, token);
  } else if (path == "subjectaccessreviews") {
    review["status"] = AccessStatus(review);
  } else {
    // "kubectl auth can-i": everybody may do everything.
    review["status"] = {{"allowed", true}};
  }
  return std::optional<net::HttpResponse>(JsonResponse(201, Dump(review)));
}

}  // namespace heat_scheduler::cluster
