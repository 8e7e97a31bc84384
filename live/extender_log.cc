#include "live/extender_log.h"

#include "live/log.h"

namespace heat_scheduler {

void LogExtenderAnswer(const ExtenderReport& report) {
  if (!report.problem.empty()) {
    return LogWarning("Asked as an extender, and not answered", {{"verb", report.verb},
                                                                 {"profile", report.profile},
                                                                 {"pod", report.pod},
                                                                 {"status", report.status},
                                                                 {"err", report.problem}});
  }
  LogInfo(kLogDecisions, "Answered as an extender",
          {{"verb", report.verb},
           {"profile", report.profile},
           {"pod", report.pod},
           {"nodes", report.nodes},
           {"kept", report.kept},
           {"duration", report.duration}});
}

void CountExtenderAnswer(const ExtenderReport& report, Metrics& metrics) {
  const std::string verb(report.verb);
  metrics.extender_requests.Add({verb, std::string(report.profile), std::to_string(report.status)});
  metrics.extender_request_duration.Observe({verb}, absl::ToDoubleSeconds(report.duration));
}

void LogExtenderCall(const ExtenderCall& call) {
  if (call.status.ok()) {
    LogInfo(kLogRequests, "Extender answered",
            {{"extender", call.extender.url_prefix},
             {"verb", call.verb},
             {"pod", call.pod},
             {"duration", call.duration}});
    return;
  }
  // Of one that is left alone it was said before.
  if (!call.sent && !LogEnabled(kLogRequests)) return;
  LogWarning(
      call.extender.ignorable ? "An extender failed, and is passed over" : "An extender failed",
      {{"verb", call.verb},
       {"pod", call.pod},
       {"duration", call.duration},
       {"err", std::string(call.status.message())}});
}

void CountExtenderCall(const ExtenderCall& call, Metrics& metrics) {
  const std::string& extender = call.extender.url_prefix;
  const std::string verb(call.verb);
  metrics.extender_calls.Add({extender, verb,
                              call.status.ok() ? "success"
                              : call.sent      ? "error"
                                               : "left_alone"});
  if (!call.sent) return;
  metrics.extender_call_duration.Observe({extender, verb}, absl::ToDoubleSeconds(call.duration));
}

}  // namespace heat_scheduler
