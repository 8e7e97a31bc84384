#include "live/attempt_metrics.h"

#include <utility>

namespace heat_scheduler {
namespace {

// The label of kube-scheduler: from 15 attempts on it does not tell them apart.
std::string AttemptsLabel(int attempts) {
  return attempts >= 15 ? "15+" : std::to_string(attempts);
}

}  // namespace

void AttemptMetrics::OnAttempt(const Attempt& attempt, absl::Duration began, absl::Duration ended) {
  const double seconds = absl::ToDoubleSeconds(ended - began);
  metrics_.scheduling_algorithm_duration.Observe({}, seconds);
  switch (attempt.selection.result) {
    case Selection::Result::kChosen:
      if (!attempt.message.empty()) break;
      waiting_[attempt.pod.uid] = {.profile = std::string(attempt.scheduler_name),
                                   .attempts = attempt.attempts,
                                   .began = began,
                                   .decided = ended,
                                   .binding = ended,
                                   .queued_at = began - attempt.queued_for,
                                   .flushed = attempt.flushed};
      return;
    case Selection::Result::kWait:
      return;
    case Selection::Result::kUnschedulable:
    case Selection::Result::kError:
      break;
  }
  if (attempt.sought_victims) metrics_.preemption_attempts.Add({});
  if (!attempt.victims.empty()) {
    metrics_.preemption_victims.Observe({}, static_cast<double>(attempt.victims.size()));
  }
  const bool unschedulable = attempt.selection.result == Selection::Result::kUnschedulable;
  const LabelValues labels = {unschedulable ? "unschedulable" : "error",
                              std::string(attempt.scheduler_name)};
  metrics_.schedule_attempts.Add(labels);
  metrics_.scheduling_attempt_duration.Observe(labels, seconds);
}

void AttemptMetrics::OnAborted(const AbortedEffect& aborted, absl::Duration now) {
  const std::optional<Waiting> waiting = Take(aborted.pod.uid);
  if (!waiting.has_value()) return;
  Count(aborted.error ? "error" : "unschedulable", *waiting, now);
  metrics_.extension_point_duration.Observe(
      {aborted.extension_point, aborted.error ? "Error" : "Unschedulable", waiting->profile},
      absl::ToDoubleSeconds(now - waiting->decided));
}

void AttemptMetrics::OnBinding(const PodRef& pod, absl::Duration now) {
  const auto found = waiting_.find(pod.uid);
  if (found == waiting_.end()) return;
  Waiting& waiting = found->second;
  waiting.binding = now;
  metrics_.extension_point_duration.Observe({"PreBind", "Success", waiting.profile},
                                            absl::ToDoubleSeconds(now - waiting.decided));
}

void AttemptMetrics::OnReply(const BindReply& reply, absl::Duration now) {
  const std::optional<Waiting> taken = Take(reply.pod.uid);
  if (!taken.has_value()) return;
  const Waiting& waiting = *taken;
  const bool bound = reply.outcome == BindReply::Outcome::kBound;
  Count(bound ? "scheduled" : "error", waiting, now);
  metrics_.extension_point_duration.Observe({"Bind", bound ? "Success" : "Error", waiting.profile},
                                            absl::ToDoubleSeconds(now - waiting.binding));
  if (!bound) return;
  if (waiting.flushed) metrics_.pod_scheduled_after_flush.Add({});
  metrics_.pod_scheduling_attempts.Observe({}, waiting.attempts);
  metrics_.pod_scheduling_sli_duration.Observe({AttemptsLabel(waiting.attempts)},
                                               absl::ToDoubleSeconds(now - waiting.queued_at));
}

std::optional<AttemptMetrics::Waiting> AttemptMetrics::Take(const std::string& uid) {
  const auto found = waiting_.find(uid);
  if (found == waiting_.end()) return std::nullopt;
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  return waiting;
}

void AttemptMetrics::Count(const char* result, const Waiting& waiting, absl::Duration now) {
  const LabelValues labels = {result, waiting.profile};
  metrics_.schedule_attempts.Add(labels);
  metrics_.scheduling_attempt_duration.Observe(labels, absl::ToDoubleSeconds(now - waiting.began));
}

}  // namespace heat_scheduler
