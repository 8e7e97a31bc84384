#include "scheduler/core/running_plugin.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace heat_scheduler {

Status RunningPlugin::Error(std::string_view problem) const {
  const std::string name(plugin == nullptr ? std::string_view("?") : plugin->name());
  return {Code::kError,
          {absl::StrCat("running ", ToAbsl(point), " plugin \"", name, "\": ", ToAbsl(problem))},
          name};
}

}  // namespace heat_scheduler
