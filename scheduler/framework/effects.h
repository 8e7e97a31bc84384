// What the machine asks of the outside world. The driver carries effects out in their order and
// hands replies back as inputs; an effect without a reply is best effort.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "kube/objects.h"

namespace heat_scheduler {

struct PodRef {
  std::string namespace_;
  std::string name;
  std::string uid;
};

// POST pods/<name>/binding with the UID as precondition. Answered by BindReply.
struct BindEffect {
  PodRef pod;
  std::string node;
};

// Make a pod leave its node for a more important one: patch pods/<name>/status with the condition
// DisruptionTarget, then delete the pod with the UID as precondition. Answered by EvictReply.
struct EvictEffect {
  PodRef victim;
  PodRef preemptor;
  std::string message;  // Of the condition.
};

// Patch pods/<name>/status: condition PodScheduled=False, and the nomination if it is to change.
struct PodStatusEffect {
  PodRef pod;
  std::string reason;  // "Unschedulable", "SchedulerError"; empty: the condition stays as it is.
  std::string message;
  std::optional<std::string> nominated_node_name;  // Absent: unchanged; empty: cleared.
};

// Write an event about a pod.
struct EventEffect {
  PodRef pod;
  std::string type;            // "Normal", "Warning".
  std::string reason;          // "Scheduled", "FailedScheduling", "Preempted".
  std::string action;          // "Binding", "Scheduling", "Preempting".
  std::string note;            // At most 1,024 bytes, which is what the API takes.
  std::string scheduler_name;  // Reporting controller.
  std::optional<PodRef> related = std::nullopt;  // Another pod that has to do with it.
};

using Effect = std::variant<BindEffect, EvictEffect, PodStatusEffect, EventEffect>;

// Takes effects. Thread-compatible.
class EffectSink {
 public:
  virtual ~EffectSink() = default;
  virtual void Emit(Effect effect) = 0;
};

}  // namespace heat_scheduler
