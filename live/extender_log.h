// What the log says of the extender's answers.
#pragma once

#include "extender/handler.h"

namespace heat_scheduler {

// Logs one answer: at verbosity 2, and as a warning if there is a problem.
void LogExtenderAnswer(const ExtenderReport& report);

}  // namespace heat_scheduler
