// Runs the PostFilter plugins for a pod that fits nowhere.
//
// In order: success ends it, and so do kUnschedulableAndUnresolvable and an error, whose reasons
// are then the only ones; otherwise the reasons are joined and the last nomination stands.
// Source: pkg/scheduler/framework/runtime/framework.go (RunPostFilterPlugins), v1.36.
#pragma once

#include "scheduler/core/running_plugin.h"
#include "scheduler/framework/diagnosis.h"

namespace heat_scheduler {

// Returns what they come to; the status names the plugin that decided it. Lets exceptions of
// plugins through: `running` then says whose.
PostFilterResult RunPostFilters(const Profile& profile, const Cycle& cycle,
                                const Diagnosis& diagnosis, RunningPlugin& running);

}  // namespace heat_scheduler
