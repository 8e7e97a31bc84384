// Which plugin is being called where, so that what it throws can be laid at its door.
#pragma once

#include <string_view>

#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

struct RunningPlugin {
  const Plugin* plugin = nullptr;
  std::string_view point;  // "PreFilter", ...

  // Returns kError in kube-scheduler's words for that point: running PreFilter plugin "<name>":
  // <problem>. Source: pkg/scheduler/framework/runtime/framework.go, v1.36.
  Status Error(std::string_view problem) const;
};

}  // namespace heat_scheduler
