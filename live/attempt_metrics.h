// Counts attempts as kube-scheduler does: a pod is "scheduled" once its binding was accepted.
//
// Source: pkg/scheduler/schedule_one.go (PodScheduled, PodUnschedulable, PodScheduleError), v1.36.
// One thread.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "live/metrics.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler {

class AttemptMetrics {
 public:
  // Borrows the metrics.
  explicit AttemptMetrics(Metrics& metrics) : metrics_(metrics) {}

  // An attempt began and ended at these monotonic times.
  void OnAttempt(const Attempt& attempt, absl::Duration began, absl::Duration ended);

  // The binding of a pod was answered.
  void OnReply(const BindReply& reply, absl::Duration now);

  // The pod is gone: nothing more will come of its attempt.
  void Forget(const std::string& uid) { waiting_.erase(uid); }

 private:
  // An attempt that waits for its binding.
  struct Waiting {
    std::string profile;
    int attempts = 0;
    absl::Duration began;
    absl::Duration queued_at;  // When the pod first came.
    bool flushed = false;
  };

  Metrics& metrics_;
  absl::flat_hash_map<std::string, Waiting> waiting_;  // By UID; looked up, never walked.
};

}  // namespace heat_scheduler
