// SchedulingGates keeps pods out of the queue as long as they have spec.schedulingGates.
//
// Stateless. Source: pkg/scheduler/framework/plugins/schedulinggates (v1.36).
#pragma once

#include <string_view>

#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class SchedulingGates final : public Plugin, public PreEnqueuePlugin {
 public:
  static constexpr std::string_view kName = "SchedulingGates";

  std::string_view name() const override { return kName; }
  // The reason lists the gates in the pod's order.
  Status PreEnqueue(const PodRecord& pod) const override;
};

}  // namespace heat_scheduler
