// What the outside world is told of an attempt that failed.
//
// The condition PodScheduled=False, written only if the pod does not show it already, and the event
// FailedScheduling. Source: pkg/scheduler/schedule_one.go (handleSchedulingFailure, updatePod,
// truncateMessage), v1.36.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scheduler/framework/effects.h"
#include "scheduler/state/cluster_state.h"

namespace heat_scheduler {

// Longest note of an event, in bytes.
inline constexpr std::size_t kMaxNoteBytes = 1024;

// Reasons of the condition PodScheduled.
inline constexpr char kReasonUnschedulable[] = "Unschedulable";
inline constexpr char kReasonSchedulerError[] = "SchedulerError";

PodRef RefOf(const PodFacts& facts);

// Returns the message, or what fits into kMaxNoteBytes of it with " ..." at the end, cut between
// UTF-8 characters.
std::string TruncateNote(std::string_view message);

// Emits what a failed attempt is to say. `nomination`: absent leaves the nominated node as it is,
// empty clears it; called before the cluster state is told of it.
void EmitFailure(const PodRecord& pod, std::string_view reason, const std::string& message,
                 const std::optional<std::string>& nomination, EffectSink& effects);

// Emits that the pod has to leave its node for another: the eviction, or, once that was accepted
// or where none was needed, the event. Source of the texts: pkg/scheduler/framework/preemption/
// executor.go, v1.36.
void EmitEviction(const PodRecord& victim, const PodRecord& preemptor, EffectSink& effects);
void EmitPreempted(const PodRef& victim, const PodRef& preemptor, std::string_view node,
                   std::string_view scheduler_name, bool in_memory, EffectSink& effects);

// Emits the event that the pod was put on the node.
void EmitScheduled(const PodRecord& pod, std::string_view node, EffectSink& effects);

}  // namespace heat_scheduler
