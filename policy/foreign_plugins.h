// The plugins that kube-scheduler has or had and this scheduler has not, and what to do without
// them.
//
// Source: pkg/scheduler/framework/plugins/names/names.go and apis/config/validation/validation.go,
// v1.36 (AzureDiskLimits and the other limits may not be enabled in v1); release notes of 1.19 to
// 1.27 for the rest.
#pragma once

#include <string_view>

namespace heat_scheduler {

// Returns what became of kube-scheduler's plugin of that name, as the end of a sentence, or empty
// text for a name that it never had.
std::string_view FateOfPlugin(std::string_view name);

}  // namespace heat_scheduler
