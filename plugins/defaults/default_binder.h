// DefaultBinder binds a pod to its node through the pod's binding subresource.
//
// Stateless. Source: pkg/scheduler/framework/plugins/defaultbinder (v1.36).
#pragma once

#include <string_view>

#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

class DefaultBinder final : public Plugin, public BindPlugin {
 public:
  static constexpr std::string_view kName = "DefaultBinder";

  std::string_view name() const override { return kName; }
  // Emits one BindEffect; always answers kSuccess.
  Status Bind(const Cycle& cycle, NodeId node, EffectSink& effects) override;
};

}  // namespace heat_scheduler
