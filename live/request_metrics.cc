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
  if (verb == "delete") return "DELETE";
  return "GET";
}

// Returns what kube-scheduler calls this request among those that no decision waits for, or
// nothing.
std::string CallType(const kube::RequestReport& report) {
  if (report.resource == "pods/binding") return "pod_binding";
  if (report.resource == "pods/status") return "pod_status_patch";
  return "";
}

}  // namespace

std::function<void(const kube::RequestReport&)> CountRequests(Metrics& metrics, std::string host) {
  return [&metrics, host = std::move(host)](const kube::RequestReport& report) {
    const std::string method = Method(report.verb);
    const double seconds = absl::ToDoubleSeconds(report.duration);
    metrics.rest_client_requests.Add({report.code, method, host});
    metrics.rest_client_request_size.Observe({method, host},
                                             static_cast<double>(report.request_bytes));
    if (report.verb != "watch") {
      metrics.rest_client_request_duration.Observe({method, host}, seconds);
      metrics.rest_client_response_size.Observe({method, host},
                                                static_cast<double>(report.response_bytes));
    }
    if (const std::string type = CallType(report); !type.empty()) {
      const LabelValues labels = {type, report.code.starts_with('2') ? "success" : "error"};
      metrics.async_api_call_execution.Add(labels);
      metrics.async_api_call_execution_duration.Observe(labels, seconds);
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

std::function<void(const kube::RequestReport&)> CountRetries(Metrics& metrics, std::string host) {
  return [&metrics, host = std::move(host)](const kube::RequestReport& report) {
    metrics.rest_client_request_retries.Add({report.code, Method(report.verb), host});
  };
}

}  // namespace heat_scheduler
