#include "scheduler/core/failure.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "base/utf8.h"

namespace heat_scheduler {
namespace {

bool Shows(const kube::Pod& pod, const kube::PodCondition& condition) {
  const auto& conditions = *pod.status.conditions;
  return std::find(conditions.begin(), conditions.end(), condition) != conditions.end();
}

}  // namespace

PodRef RefOf(const PodFacts& facts) { return {facts.namespace_, facts.name, facts.uid}; }

std::string TruncateNote(std::string_view message) {
  if (message.size() <= kMaxNoteBytes) return std::string(message);
  constexpr std::string_view kMore = " ...";
  return absl::StrCat(ToAbsl(Utf8Prefix(message, kMaxNoteBytes - kMore.size())), ToAbsl(kMore));
}

void EmitFailure(const PodRecord& pod, std::string_view reason, const std::string& message,
                 const std::optional<std::string>& nomination, EffectSink& effects) {
  // What was decided before may be on its way still, and is to be taken back then.
  const bool renominates =
      nomination.has_value() && (*nomination != pod.pod->status.nominated_node_name ||
                                 *nomination != pod.nominated_node_name);
  if (renominates || !Shows(*pod.pod, {"PodScheduled", "False", std::string(reason), message})) {
    effects.Emit(PodStatusEffect{RefOf(pod.facts), std::string(reason), message,
                                 renominates ? nomination : std::nullopt});
  }
  effects.Emit(EventEffect{RefOf(pod.facts), "Warning", "FailedScheduling", "Scheduling",
                           TruncateNote(message), pod.pod->spec->scheduler_name});
}

void EmitEviction(const PodRecord& victim, const PodRecord& preemptor, EffectSink& effects) {
  std::string message = absl::StrCat(preemptor.pod->spec->scheduler_name,
                                     ": preempting to accommodate a higher priority pod");
  const bool marked =
      Shows(*victim.pod, {"DisruptionTarget", "True", "PreemptionByScheduler", message});
  effects.Emit(
      EvictEffect{RefOf(victim.facts), RefOf(preemptor.facts), std::move(message), marked});
}

void EmitPreempted(const PodRef& victim, const PodRef& preemptor, std::string_view node,
                   std::string_view scheduler_name, bool in_memory, EffectSink& effects) {
  effects.Emit(EventEffect{
      victim, "Normal", "Preempted", "Preempting",
      TruncateNote(absl::StrCat("Preempted by pod ", preemptor.uid, " on node ", ToAbsl(node),
                                in_memory ? " (in kube-scheduler memory)." : "")),
      std::string(scheduler_name), preemptor});
}

void EmitScheduled(const PodRecord& pod, std::string_view node, EffectSink& effects) {
  effects.Emit(EventEffect{RefOf(pod.facts), "Normal", "Scheduled", "Binding",
                           TruncateNote(absl::StrCat("Successfully assigned ", pod.facts.namespace_,
                                                     "/", pod.facts.name, " to ", ToAbsl(node))),
                           pod.pod->spec->scheduler_name});
}

}  // namespace heat_scheduler
