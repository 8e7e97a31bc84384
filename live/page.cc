#include "live/page.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace heat_scheduler {

net::HttpResponse PageAnswer(int status, std::string_view content_type, std::string body) {
  return {.status = status,
          .headers = {{"Content-Type", std::string(content_type)},
                      {"Cache-Control", "no-cache, private"},
                      {"X-Content-Type-Options", "nosniff"}},
          .body = std::move(body)};
}

net::HttpResponse TextAnswer(int status, std::string body) {
  return PageAnswer(status, "text/plain; charset=utf-8", std::move(body));
}

net::HttpResponse JsonAnswer(int status, std::string body) {
  return PageAnswer(status, "application/json", std::move(body));
}

net::HttpResponse FailureAnswer(int status, const std::string& reason, const std::string& message) {
  nlohmann::ordered_json document = {
      {"kind", "Status"},    {"apiVersion", "v1"}, {"metadata", nlohmann::ordered_json::object()},
      {"status", "Failure"}, {"message", message}, {"reason", reason}};
  // As Kubernetes' own: a refusal has details, which say nothing of a path.
  if (status == 403) document["details"] = nlohmann::ordered_json::object();
  document["code"] = status;
  return JsonAnswer(status,
                    document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace heat_scheduler
