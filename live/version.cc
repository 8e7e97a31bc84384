#include "live/version.h"

namespace heat_scheduler {

const std::string_view kVersion = HEAT_SCHEDULER_VERSION;
const std::string_view kCompiler = __VERSION__;

}  // namespace heat_scheduler
