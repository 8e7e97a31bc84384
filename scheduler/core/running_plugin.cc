#include "scheduler/core/running_plugin.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace heat_scheduler {

namespace {

std::string WhatWasRun(std::string_view point, const std::string& name) {
  if (point == "Filter") return absl::StrCat("running \"", name, "\" filter plugin");
  if (point == "Score" || point == "NormalizeScore") {
    return absl::StrCat("running ", point == "Score" ? "" : "Normalize on ",
                        "Score plugins: plugin \"", name, "\" failed with");
  }
  if (point == "AddPod" || point == "RemovePod") {
    return absl::StrCat("running ", ToAbsl(point), " on PreFilter plugin \"", name, "\"");
  }
  return absl::StrCat("running ", ToAbsl(point), " plugin \"", name, "\"");
}

}  // namespace

Status RunningPlugin::Error(std::string_view problem) const {
  const std::string name(plugin == nullptr ? std::string_view("?") : plugin->name());
  return {Code::kError, {absl::StrCat(WhatWasRun(point, name), ": ", ToAbsl(problem))}, name};
}

}  // namespace heat_scheduler
