#include "cluster/responses.h"

#include <utility>

#include <nlohmann/json.hpp>

namespace heat_scheduler::cluster {

net::HttpResponse JsonResponse(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

net::HttpResponse TextResponse(int status, std::string body) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)};
}

net::HttpResponse ErrorResponse(const ApiError& error) {
  net::HttpResponse response = JsonResponse(error.code, Dump(ToStatus(error)));
  if (error.retry_after_seconds > 0) {
    response.headers.push_back({"Retry-After", std::to_string(error.retry_after_seconds)});
  }
  return response;
}

net::HttpResponse SuccessResponse(int status) {
  const Json body = {{"kind", "Status"},
                     {"apiVersion", "v1"},
                     {"metadata", Json::object()},
                     {"status", "Success"},
                     {"code", status}};
  return JsonResponse(status, Dump(body));
}

}  // namespace heat_scheduler::cluster
