// PrioritySort tries pods of greater priority first, and of equal priority those that have waited
// longest.
//
// Stateless. Source: pkg/scheduler/framework/plugins/queuesort (v1.36).
#pragma once

#include <string_view>

#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class PrioritySort final : public Plugin, public QueueSortPlugin {
 public:
  static constexpr std::string_view kName = "PrioritySort";

  std::string_view name() const override { return kName; }
  bool Less(const QueuedPod& a, const QueuedPod& b) const override;
};

}  // namespace heat_scheduler
