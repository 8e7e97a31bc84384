#include "live/attempt_metrics.h"

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
      waiting_[attempt.pod.uid] = {.profile = attempt.scheduler_name,
                                   .attempts = attempt.attempts,
                                   .began = began,
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
  const LabelValues labels = {unschedulable ? "unschedulable" : "error", attempt.scheduler_name};
  metrics_.schedule_attempts.Add(labels);
  metrics_.scheduling_attempt_duration.Observe(labels, seconds);
}

void AttemptMetrics::OnReply(const BindReply& reply, absl::Duration now) {
  const auto found = waiting_.find(reply.pod.uid);
  if (found == waiting_.end()) return;
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  const bool bound = reply.outcome == BindReply::Outcome::kBound;
  const LabelValues labels = {bound ? "scheduled" : "error", waiting.profile};
  metrics_.schedule_attempts.Add(labels);
  metrics_.scheduling_attempt_duration.Observe(labels, absl::ToDoubleSeconds(now - waiting.began));
  if (!bound) return;
  if (waiting.flushed) metrics_.pod_scheduled_after_flush.Add({});
  metrics_.pod_scheduling_attempts.Observe({}, waiting.attempts);
  metrics_.pod_scheduling_sli_duration.Observe({AttemptsLabel(waiting.attempts)},
                                               absl::ToDoubleSeconds(now - waiting.queued_at));
}

}  // namespace heat_scheduler
