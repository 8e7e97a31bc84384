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

}  // namespace heat_scheduler
