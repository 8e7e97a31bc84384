// Counts attempts as kube-scheduler does: a pod is "scheduled" once its binding was accepted.
//
// Source: pkg/scheduler/schedule_one.go (PodScheduled, PodUnschedulable, PodScheduleError),
// pkg/scheduler/framework/runtime/framework.go (FrameworkExtensionPointDuration), v1.36.
// One thread.
#pragma once

#include <optional>
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

  // An attempt came to nothing after its node had been chosen.
  void OnAborted(const AbortedEffect& aborted, absl::Duration now);

  // The binding of a pod leaves.
  void OnBinding(const PodRef& pod, absl::Duration now);

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
    absl::Duration decided;    // Its node was reserved.
    absl::Duration binding;    // The binding left.
    absl::Duration queued_at;  // When the pod first came.
    bool flushed = false;
  };

  // Takes the attempt of that pod, if one waits.
  std::optional<Waiting> Take(const std::string& uid);
  // The attempt has ended so.
  void Count(const char* result, const Waiting& waiting, absl::Duration now);

  Metrics& metrics_;
  absl::flat_hash_map<std::string, Waiting> waiting_;  // By UID; looked up, never walked.
};

}  // namespace heat_scheduler
