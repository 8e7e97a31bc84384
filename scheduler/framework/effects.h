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

// Patch pods/<name>/status: condition PodScheduled=False, and the nomination if it is to change.
struct PodStatusEffect {
  PodRef pod;
  std::string reason;  // "Unschedulable", "SchedulerError".
  std::string message;
  std::optional<std::string> nominated_node_name;  // Absent: unchanged; empty: cleared.
};

// Write an event about a pod.
struct EventEffect {
  PodRef pod;
  std::string type;            // "Normal", "Warning".
  std::string reason;          // "Scheduled", "FailedScheduling".
  std::string action;          // "Binding", "Scheduling".
  std::string note;            // At most 1,024 bytes, which is what the API takes.
  std::string scheduler_name;  // Reporting controller.
};

using Effect = std::variant<BindEffect, PodStatusEffect, EventEffect>;

// Takes effects. Thread-compatible.
class EffectSink {
 public:
  virtual ~EffectSink() = default;
  virtual void Emit(Effect effect) = 0;
};

}  // namespace heat_scheduler
