// What the machine asks of the outside world. The driver carries effects out in their order and
// hands replies back as inputs; an effect without a reply is best effort.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kube/objects.h"
#include "scheduler/state/assumed_volumes.h"

namespace heat_scheduler {

struct PodRef {
  std::string namespace_;
  std::string name;
  std::string uid;
};

// POST pods/<name>/binding with the UID as precondition, or leave it to an extender. Answered by
// BindReply.
struct BindEffect {
  PodRef pod;
  std::string node;
  std::optional<std::size_t> extender = std::nullopt;  // Of SchedulerOptions::extenders.
};

// Ask extenders, of SchedulerOptions::extenders, about a pod: which of the nodes it may have, one
// after the other, each about those that the one before has left; or how much they would like each
// node, all of them at once. Answered by ExtenderReply.
struct ExtenderEffect {
  enum class Question { kFilter, kPrioritize };
  PodRef pod;
  std::uint64_t ticket = 0;  // No other question has it.
  Question question = Question::kFilter;
  std::vector<std::size_t> extenders;
  std::shared_ptr<const kube::Pod> object;
  std::vector<std::shared_ptr<const kube::Node>> nodes;  // In node order.
};

// Make a pod leave its node for a more important one: patch pods/<name>/status with the condition
// DisruptionTarget, then delete the pod with the UID as precondition. Answered by EvictReply.
struct EvictEffect {
  PodRef victim;
  PodRef preemptor;
  std::string message;  // Of the condition.
  bool marked = false;  // It shows the condition already: only the deletion is left to do.
};

// Write what was decided about a pod's claims to the API, in this order, up to the first write that
// is refused. A volume is set aside for its claim: spec.claimRef, and the annotation
// pv.kubernetes.io/bound-by-controller unless the user had set it aside. A claim that is to be
// provisioned gets the annotation volume.kubernetes.io/selected-node. The resourceVersions of the
// choices are preconditions. Answered by VolumesReply.
struct BindVolumesEffect {
  PodRef pod;
  std::uint64_t ticket = 0;  // Of the VolumePlan.
  std::string node;
  std::vector<ClaimChoice> writes;
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

// Take note of an attempt that had chosen a node and came to nothing afterwards, before its binding
// left.
struct AbortedEffect {
  PodRef pod;
  std::string node;
  std::string extension_point;  // Where it ended: "Permit" or "PreBind".
  bool error = false;           // A failure, not a rejection.
  std::string message;
};

using Effect = std::variant<BindEffect, ExtenderEffect, EvictEffect, BindVolumesEffect,
                            PodStatusEffect, EventEffect, AbortedEffect>;

// Takes effects. Thread-compatible.
class EffectSink {
 public:
  virtual ~EffectSink() = default;
  virtual void Emit(Effect effect) = 0;
};

}  // namespace heat_scheduler
