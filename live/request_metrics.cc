#include "live/request_metrics.h"

#include <string_view>
#include <utility>

#include "live/log.h"

namespace heat_scheduler {
namespace {

std::string Method(std::string_view verb) {
  if (verb == "create") return "POST";
  if (verb == "update") return "PUT";
  if (verb == "patch") return "PATCH";
  return "GET";
}

}  // namespace

std::function<void(const kube::RequestReport&)> CountRequests(Metrics& metrics, std::string host) {
  return [&metrics, host = std::move(host)](const kube::RequestReport& report) {
    const std::string method = Method(report.verb);
    metrics.rest_client_requests.Add({report.code, method, host});
    if (report.verb != "watch") {
      metrics.rest_client_request_duration.Observe({method, host},
                                                   absl::ToDoubleSeconds(report.duration));
    }
    if (LogEnabled(kLogRequests)) {
      LogInfo(kLogRequests, "Request answered",
              {{"verb", report.verb},
               {"resource", report.resource},
               {"code", report.code},
               {"duration", report.duration}});
    }
  };
}

}  // namespace heat_scheduler
