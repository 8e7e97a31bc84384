#include "tests/support/sim_loop.h"

#include <algorithm>

namespace heat_scheduler {

SimLoop::SimLoop()
    : wall_origin_(absl::FromCivil(absl::CivilSecond(2026, 1, 1, 0, 0, 0), absl::UTCTimeZone())) {}

Instant SimLoop::Now() const { return {wall_origin_ + mono_, mono_}; }

net::TimerId SimLoop::RunAfter(absl::Duration delay, std::function<void()> callback) {
  const net::TimerId id = ++last_id_;
  const absl::Duration due = mono_ + std::max(delay, absl::ZeroDuration());
  queue_.emplace(Due{due, id}, std::move(callback));
  due_by_id_.emplace(id, due);
  return id;
}

void SimLoop::Cancel(net::TimerId id) {
  const auto found = due_by_id_.find(id);
  if (found == due_by_id_.end()) return;
  queue_.erase(Due{found->second, id});
  due_by_id_.erase(found);
}

void SimLoop::Post(std::function<void()> callback) {
  RunAfter(absl::ZeroDuration(), std::move(callback));
}

bool SimLoop::Step() {
  if (queue_.empty()) return false;
  auto next = queue_.extract(queue_.begin());
  due_by_id_.erase(next.key().second);
  mono_ = std::max(mono_, next.key().first);
  next.mapped()();
  return true;
}

void SimLoop::RunFor(absl::Duration duration) {
  RunUntil([] { return false; }, duration);
}

bool SimLoop::RunUntil(const std::function<bool()>& predicate, absl::Duration max) {
  const absl::Duration end = mono_ + max;
  while (!predicate()) {
    if (queue_.empty() || queue_.begin()->first.first > end) {
      mono_ = std::max(mono_, end);
      return false;
    }
    Step();
  }
  return true;
}

void SimLoop::Advance(absl::Duration duration) { mono_ += duration; }

}  // namespace heat_scheduler
