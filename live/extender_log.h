// What the log and the metrics say of extenders: of our answers as one, and of our calls of others.
#pragma once

#include "extender/client/caller.h"
#include "extender/report.h"
#include "live/metrics.h"

namespace heat_scheduler {

// Logs one answer: at verbosity 2, and as a warning if there is a problem.
void LogExtenderAnswer(const ExtenderReport& report);
void CountExtenderAnswer(const ExtenderReport& report, Metrics& metrics);

// Logs one call: at verbosity 6, and as a warning if it came to nothing.
void LogExtenderCall(const ExtenderCall& call);
void CountExtenderCall(const ExtenderCall& call, Metrics& metrics);

}  // namespace heat_scheduler
