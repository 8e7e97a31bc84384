// A queue with a hand on its clock, and short words for what its pods go through.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "scheduler/core/queue.h"
#include "tests/scheduler/fake_plugins.h"
#include "tests/support/objects.h"

namespace heat_scheduler {

class Bench {
 public:
  static constexpr Inputs kFailed = {Input::kNodeLabels};  // What the failed plugin reads.

  explicit Bench(QueueLimits limits = {absl::Seconds(1), absl::Seconds(10), absl::Minutes(5)})
      : queue_(sort_, limits) {}

  QueueEntry& Add(const std::string& name) {
    QueueEntry& entry = queue_.Add(cluster_.UpsertPod(MakePod(name).Ref()), now_);
    entry.admitted = true;
    queue_.Activate(entry, now_);
    return entry;
  }
  QueueEntry& Of(const std::string& name) { return *queue_.Find("default-" + name + "-uid"); }
  std::string Pop() {
    QueueEntry* entry = queue_.Pop();
    return entry == nullptr ? "" : entry->record->facts.name;
  }
  void Reject(const std::string& name, Inputs inputs = kFailed) {
    queue_.Reject(Of(name), inputs, std::nullopt, {absl::UnixEpoch() + now_, now_});
  }
  void Fail(const std::string& name) { queue_.Fail(Of(name), now_); }
  void Event(Inputs inputs) { queue_.OnEvent(inputs, now_); }
  void Pass(absl::Duration time) {
    now_ += time;
    queue_.OnTime(now_);
  }
  SchedulingQueue& queue() { return queue_; }
  absl::Duration now() const { return now_; }

 private:
  absl::Duration now_ = absl::Seconds(1000);
  ClusterState cluster_;
  QueueSortHook sort_;
  SchedulingQueue queue_;
};

}  // namespace heat_scheduler
