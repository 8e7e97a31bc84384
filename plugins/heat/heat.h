// Heat steers pods towards cool nodes.
//
// Reads the node annotation `nerdalize/temp`, decimal text in degrees Celsius. In mode Coolest it
// is a set filter: of the nodes that fit, the coolest alone stays; a node without a usable reading
// counts as hottest, and of equal ones the first in node order stays. In mode Score a node gets 100
// points at `coldCelsius` and below, 1 at `hotCelsius` and above, straight in between, rounded
// down; 0 without a valid reading, 50 with a stale one; no normalisation. In both modes a limit
// (`hotLimitCelsius`) refuses nodes whose fresh, valid reading is above it: a node is never refused
// for what is not known.
//
// Readings are parsed once for each version of a node. Thread-compatible. Source:
// docs/plugins/heat.md (curve, staleness); RyaxTech/heat-scheduler (annotation, rule of the
// coolest).
#pragma once

#include <memory>
#include <string_view>

#include "plugins/heat/heat_args.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

inline constexpr std::string_view kHeatName = "Heat";

// Returns the plugin, with the extension points of its mode: Filter, and SetFilter or Score. `args`
// hold what DecodeHeatArgs asks of them.
std::unique_ptr<Plugin> CreateHeat(HeatArgs args);

}  // namespace heat_scheduler
