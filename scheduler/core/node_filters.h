// Runs the filters on one node, with the pods that are nominated to it taken into account.
//
// A pod has to leave room for those that are nominated to a node and at least as important as
// itself. So a node to which there are any is looked at twice: with them on it, and, if that
// succeeds, without, since they may never come. The verdict is that of the look that failed.
// Source: pkg/scheduler/framework/runtime/framework.go (RunFilterPluginsWithNominatedPods,
// addGENominatedPods, RunFilterPlugins), v1.36.
#pragma once

#include <memory>
#include <optional>

#include "scheduler/core/running_plugin.h"
#include "scheduler/framework/diagnosis.h"
#include "scheduler/framework/dry_run.h"

namespace heat_scheduler {

// Returns true if the filters have to be run with nominated pods on that node, too.
bool HasRivals(const Cycle& cycle, NodeId node);

// Runs the filters on the node, those left out that PreFilter said to skip. Returns the first that
// failed with what it said, or nothing. Lets exceptions of plugins through: `running` then says
// whose.
std::optional<NodeRejection> FilterNode(const Profile& profile, const Cycle& cycle, NodeId node,
                                        RunningPlugin& running);

// Returns what one rejection comes to: kError, naming the plugin, if its code is none that a
// rejection has.
Status StatusOf(const Cycle& cycle, const NodeRejection& rejection);

// Dry runs of a cycle that PreFilter lets pass; what of PreFilter has not run, will. While a plugin
// is called, `running` says which, and says again afterwards what it said before, unless the plugin
// threw. All is borrowed.
std::unique_ptr<DryRuns> MakeDryRuns(const Profile& profile, const Cycle& cycle,
                                     RunningPlugin& running);

}  // namespace heat_scheduler
