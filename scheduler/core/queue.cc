#include "scheduler/core/queue.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"

namespace heat_scheduler {
namespace {

// Hint that the pod is the next: by then, others will have taken its place in the processor's
// cache.
void Prefetch(const QueueEntry& entry) {
  const auto fetch = [](const void* object, std::size_t size) {
    constexpr std::size_t kLine = 64;
    for (std::size_t at = 0; at < size; at += kLine) {
      __builtin_prefetch(static_cast<const char*>(object) + at);
    }
  };
  fetch(&entry, sizeof(entry));
  fetch(entry.record, sizeof(*entry.record));
}

}  // namespace

bool ActiveOrder::operator()(const QueueEntry* a, const QueueEntry* b) const {
  try {
    if (sort->Less(a->sort_key, b->sort_key)) return true;
    if (sort->Less(b->sort_key, a->sort_key)) return false;
  } catch (...) {
    // Arrival alone then: no pod is lost for a plugin's sake.
  }
  return a->sort_key.arrival < b->sort_key.arrival;
}

SchedulingQueue::SchedulingQueue(const QueueSortPlugin& sort, QueueLimits limits)
    : limits_(limits), active_(ActiveOrder{&sort}) {}

QueueEntry* SchedulingQueue::Find(std::string_view key) {
  auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : found->second.get();
}

QueueEntry& SchedulingQueue::Add(const PodRecord& record, absl::Duration now) {
  std::string key = PodKey(record.facts);
  auto& slot = entries_[key];
  HS_CHECK(slot == nullptr, "a pod is queued twice");
  slot = std::make_unique<QueueEntry>();
  slot->key = std::move(key);
  slot->record = &record;
  slot->first_queued = now;
  slot->sort_key = {&record, now, arrivals_++};
  ++counts_[static_cast<std::size_t>(Place::kNowhere)];
  return *slot;
}

void SchedulingQueue::Remove(QueueEntry& entry) {
  TakeOut(entry);
  --counts_[static_cast<std::size_t>(entry.place)];
  // A copy: the key must outlive the entry that it is erased by.
  const std::string key = entry.key;
  entries_.erase(key);
}

void SchedulingQueue::Lift(QueueEntry& entry) {
  if (entry.place != Place::kActive) return;
  entry.lifted = true;
  MoveTo(entry, Place::kNowhere);
}

void SchedulingQueue::Activate(QueueEntry& entry, absl::Duration now) {
  MoveTo(entry, Place::kActive);
  if (!entry.lifted) entry.sort_key.queued_at = now;
  entry.lifted = false;
  // Most pods that come are the last in the order.
  entry.active_at = active_.insert(active_.end(), &entry);
}

void SchedulingQueue::Retry(QueueEntry& entry, absl::Duration now) {
  const absl::Duration end = BackoffEnd(entry);
  if (end <= now) {
    Activate(entry, now);
    return;
  }
  MoveTo(entry, Place::kBackoff);
  SetDue(entry, end);
}

void SchedulingQueue::Gate(QueueEntry& entry, Inputs inputs) {
  MoveTo(entry, Place::kGated);
  Park(entry, inputs);
}

QueueEntry* SchedulingQueue::Pop() {
  if (active_.empty()) return nullptr;
  QueueEntry& entry = **active_.begin();
  MoveTo(entry, Place::kInFlight);
  ++entry.attempts;
  entry.popped_at_event = events_;
  entry.updated_in_flight = {};
  if (!active_.empty()) Prefetch(**active_.begin());
  return &entry;
}

void SchedulingQueue::Wait(QueueEntry& entry, const WaitFor& wait) {
  MoveTo(entry, Place::kWaiting);
  Park(entry, wait.inputs);
  SetDue(entry, wait.deadline);
}

void SchedulingQueue::Suspend(QueueEntry& entry, const WaitFor& wait) {
  HS_CHECK(entry.place == Place::kInFlight, "only a pod in flight can be suspended");
  TakeOut(entry);
  Park(entry, wait.inputs);
  SetDue(entry, wait.deadline);
}

void SchedulingQueue::Resume(QueueEntry& entry) {
  HS_CHECK(entry.place == Place::kInFlight, "only a pod in flight can be resumed");
  TakeOut(entry);
}

void SchedulingQueue::Reject(QueueEntry& entry, Inputs wake_inputs,
                             std::optional<absl::Time> valid_until, Instant now) {
  NoteRejection(entry, now.mono);
  if (MissedSomething(entry, wake_inputs)) {
    Retry(entry, now.mono);
    return;
  }
  MoveTo(entry, Place::kUnschedulable);
  Park(entry, wake_inputs);
  absl::Duration due = now.mono + limits_.max_unschedulable;
  if (valid_until.has_value()) due = std::min(due, now.mono + (*valid_until - now.wall));
  SetDue(entry, due);
}

void SchedulingQueue::RejectForNow(QueueEntry& entry, absl::Duration now) {
  NoteRejection(entry, now);
  Retry(entry, now);
}

void SchedulingQueue::Fail(QueueEntry& entry, absl::Duration now) {
  entry.plugin_errors_in_a_row = 0;
  NoteError(entry, now);
  Retry(entry, now);
}

void SchedulingQueue::FailInPlugin(QueueEntry& entry, absl::Duration now) {
  ++entry.plugin_errors_in_a_row;
  NoteError(entry, now);
  if (entry.plugin_errors_in_a_row < limits_.quarantine_after || !entry.updated_in_flight.empty()) {
    Retry(entry, now);
    return;
  }
  MoveTo(entry, Place::kUnschedulable);
  SetDue(entry, now + limits_.max_unschedulable);
}

bool SchedulingQueue::Reads(const QueueEntry& entry, Inputs changed) {
  if (changed == Inputs::All() || !entry.parked_for.has_value()) return !changed.empty();
  return entry.parked_for->Intersects(changed);
}

void SchedulingQueue::NoteRejection(QueueEntry& entry, absl::Duration now) {
  ++entry.rejections;
  entry.errors_in_a_row = 0;
  entry.plugin_errors_in_a_row = 0;
  NoteFailure(entry, now);
}

void SchedulingQueue::NoteError(QueueEntry& entry, absl::Duration now) {
  ++entry.errors_in_a_row;
  NoteFailure(entry, now);
}

void SchedulingQueue::NoteFailure(QueueEntry& entry, absl::Duration now) {
  entry.failed_at = now;
  entry.arrival = Arrival::kAttemptFailure;
}

SchedulingQueue::Woken SchedulingQueue::OnEvent(Inputs inputs, absl::Duration now,
                                                QueueEntry* cause) {
  // The cause has missed nothing if it had missed nothing before.
  const bool cause_is_up_to_date = cause != nullptr && cause->popped_at_event == events_;
  ++events_;
  if (cause_is_up_to_date) cause->popped_at_event = events_;
  for (std::uint32_t bits = inputs.bits(); bits != 0; bits &= bits - 1) {
    last_event_of_[static_cast<std::size_t>(std::countr_zero(bits))] = events_;
  }
  if (parked_.empty()) return {};
  std::vector<QueueEntry*> readers;
  for (const auto& [bits, entries] : parked_) {
    if ((bits & inputs.bits()) == 0) continue;
    for (const auto& [arrival, entry] : entries) {
      if (entry != cause) readers.push_back(entry);
    }
  }
  Woken woken;
  for (QueueEntry* entry : readers) {
    entry->arrival = Arrival::kClusterEvent;
    entry->flushed = false;
    Wake(*entry, now, woken);
  }
  return woken;
}

SchedulingQueue::Woken SchedulingQueue::OnTime(absl::Duration now) {
  Woken woken;
  while (!due_.empty() && due_.begin()->first.first <= now) {
    QueueEntry& entry = *due_.begin()->second;
    entry.arrival = entry.place == Place::kBackoff ? Arrival::kBackoffComplete : Arrival::kTimeout;
    if (entry.place == Place::kUnschedulable) {
      entry.flushed = *entry.due >= entry.failed_at + limits_.max_unschedulable;
    }
    Wake(entry, now, woken);
  }
  return woken;
}

std::optional<absl::Duration> SchedulingQueue::NextDue() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first.first;
}

QueueCounts SchedulingQueue::counts() const {
  const auto at = [this](Place place) { return counts_[static_cast<std::size_t>(place)]; };
  QueueCounts counts;
  counts.active = at(Place::kActive);
  counts.backoff = at(Place::kBackoff);
  counts.gated = at(Place::kGated);
  counts.in_flight = at(Place::kInFlight);
  counts.unschedulable = at(Place::kUnschedulable) + at(Place::kWaiting);
  return counts;
}

std::vector<std::pair<std::string, SchedulingQueue::Place>> SchedulingQueue::places() const {
  std::vector<std::pair<std::string, Place>> places;
  places.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) places.emplace_back(key, entry->place);
  std::sort(places.begin(), places.end());
  return places;
}

std::vector<const QueueEntry*> SchedulingQueue::InOrder() const {
  std::vector<const QueueEntry*> pods(active_.begin(), active_.end());
  pods.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) {
    if (entry->place != Place::kActive) pods.push_back(entry.get());
  }
  const auto key_of = [](const QueueEntry* entry) {
    return std::pair(entry->due.value_or(absl::InfiniteDuration()), entry->sort_key.arrival);
  };
  std::sort(pods.begin() + static_cast<std::ptrdiff_t>(active_.size()), pods.end(),
            [&](const QueueEntry* a, const QueueEntry* b) { return key_of(a) < key_of(b); });
  return pods;
}

void SchedulingQueue::Wake(QueueEntry& entry, absl::Duration now, Woken& woken) {
  switch (entry.place) {
    case Place::kUnschedulable:
      if (entry.admitted) {
        Retry(entry, now);
        return;
      }
      TakeOut(entry);
      woken.not_admitted.push_back(entry.key);
      return;
    case Place::kWaiting:
      Activate(entry, now);
      return;
    case Place::kBackoff:
    case Place::kGated:
      if (entry.admitted) {
        Activate(entry, now);
        return;
      }
      TakeOut(entry);
      woken.not_admitted.push_back(entry.key);
      return;
    case Place::kInFlight:
      TakeOut(entry);
      woken.in_flight.push_back(entry.key);
      return;
    case Place::kActive:
    case Place::kNowhere:
      break;
  }
  CheckFailed(__FILE__, __LINE__, "Wake", "a pod that waits for nothing was woken");
}

bool SchedulingQueue::MissedSomething(const QueueEntry& entry, Inputs wake_inputs) const {
  const Inputs own = entry.updated_in_flight;
  if (own == Inputs::All() || own.Intersects(wake_inputs)) return true;
  for (std::size_t bit = 0; bit < last_event_of_.size(); ++bit) {
    if ((wake_inputs.bits() >> bit & 1) != 0 && last_event_of_[bit] > entry.popped_at_event) {
      return true;
    }
  }
  return false;
}

absl::Duration SchedulingQueue::BackoffEnd(const QueueEntry& entry) const {
  const int failures = entry.errors_in_a_row > 0 ? entry.errors_in_a_row : entry.rejections;
  if (failures == 0) return -absl::InfiniteDuration();
  absl::Duration backoff = std::min(limits_.initial_backoff, limits_.max_backoff);
  for (int i = 1; i < failures && backoff < limits_.max_backoff; ++i) {
    backoff = std::min(backoff * 2, limits_.max_backoff);
    if (backoff <= absl::ZeroDuration()) break;
  }
  return entry.failed_at + backoff;
}

// ---- Places ----

void SchedulingQueue::MoveTo(QueueEntry& entry, Place place) {
  TakeOut(entry);
  if (place != Place::kActive && place != Place::kNowhere) entry.lifted = false;
  --counts_[static_cast<std::size_t>(entry.place)];
  entry.place = place;
  ++counts_[static_cast<std::size_t>(place)];
  if (place == Place::kNowhere) return;
  // Back where it was lifted from it has not come anew.
  const Arrival by = std::exchange(entry.arrival, Arrival::kPodUpdate);
  if (!entry.lifted) ++arrived_[static_cast<std::size_t>(place)][static_cast<std::size_t>(by)];
}

void SchedulingQueue::TakeOut(QueueEntry& entry) {
  if (entry.active_at.has_value()) {
    active_.erase(*entry.active_at);
    entry.active_at.reset();
  }
  if (entry.due.has_value()) {
    due_.erase({*entry.due, entry.sort_key.arrival});
    entry.due.reset();
  }
  if (entry.parked_for.has_value()) {
    auto group = parked_.find(entry.parked_for->bits());
    group->second.erase(entry.sort_key.arrival);
    if (group->second.empty()) parked_.erase(group);
    entry.parked_for.reset();
  }
}

void SchedulingQueue::SetDue(QueueEntry& entry, absl::Duration due) {
  if (due == absl::InfiniteDuration()) return;
  entry.due = due;
  due_.emplace(std::pair(due, entry.sort_key.arrival), &entry);
}

void SchedulingQueue::Park(QueueEntry& entry, Inputs inputs) {
  entry.parked_for = inputs;
  parked_[inputs.bits()].emplace(entry.sort_key.arrival, &entry);
}

}  // namespace heat_scheduler
