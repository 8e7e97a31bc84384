#include "scheduler/core/pending.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace heat_scheduler {
namespace {

std::optional<PendingIn> QueueOf(const QueueEntry& entry) {
  switch (entry.place) {
    case QueueEntry::Place::kActive:
      return PendingIn::kActive;
    case QueueEntry::Place::kBackoff:
      return PendingIn::kBackoff;
    case QueueEntry::Place::kWaiting:
    case QueueEntry::Place::kUnschedulable:
      return PendingIn::kUnschedulable;
    case QueueEntry::Place::kGated:
      return PendingIn::kGated;
    case QueueEntry::Place::kInFlight:
      return PendingIn::kInFlight;
    case QueueEntry::Place::kNowhere:
      break;
  }
  return std::nullopt;
}

PendingPod Describe(const QueueEntry& entry, PendingIn queue, std::size_t position) {
  const PodFacts& facts = entry.record->facts;
  const kube::PodSpec& spec = *entry.record->pod->spec;
  PendingPod pod{.pod = {facts.namespace_, facts.name, facts.uid},
                 .scheduler_name = spec.scheduler_name,
                 .priority = spec.priority,
                 .queue = queue,
                 .position = position,
                 .attempts = entry.attempts,
                 .queued_at = entry.first_queued,
                 .next_retry = entry.due,
                 .plugins = {},
                 .message = entry.failure.message};
  for (const Plugin* plugin : entry.failure.plugins) pod.plugins.emplace_back(plugin->name());
  return pod;
}

}  // namespace

std::string_view NameOf(PendingIn queue) {
  switch (queue) {
    case PendingIn::kActive:
      return "active";
    case PendingIn::kBackoff:
      return "backoff";
    case PendingIn::kUnschedulable:
      return "unschedulable";
    case PendingIn::kGated:
      return "gated";
    case PendingIn::kInFlight:
      return "inFlight";
  }
  CheckFailed(__FILE__, __LINE__, "NameOf", "a queue has no name");
}

PendingList ListPending(const SchedulingQueue& queue, const PendingQuery& query) {
  std::vector<const QueueEntry*> by_queue[std::size(kPendingIn)];
  for (const QueueEntry* entry : queue.InOrder()) {
    if (const auto in = QueueOf(*entry)) by_queue[static_cast<std::size_t>(*in)].push_back(entry);
  }
  PendingList list;
  for (const PendingIn in : kPendingIn) {
    if (query.queue.has_value() && *query.queue != in) continue;
    std::size_t position = 0;
    for (const QueueEntry* entry : by_queue[static_cast<std::size_t>(in)]) {
      ++position;
      if (!query.namespace_.empty() && entry->record->facts.namespace_ != query.namespace_) {
        continue;
      }
      if (list.pods.size() < query.limit) {
        list.pods.push_back(Describe(*entry, in, position));
      } else {
        ++list.remaining;
      }
    }
  }
  return list;
}

std::map<std::pair<std::string, std::string>, std::uint64_t> CountArrivals(
    const SchedulingQueue& queue) {
  using Place = QueueEntry::Place;
  constexpr std::pair<Arrival, std::string_view> kEvents[] = {
      {Arrival::kPodAdd, "UnscheduledPodAdd"},
      {Arrival::kPodUpdate, "UnscheduledPodUpdate"},
      {Arrival::kAttemptFailure, "ScheduleAttemptFailure"},
      {Arrival::kBackoffComplete, "BackoffComplete"},
      {Arrival::kTimeout, "UnschedulableTimeout"},
      {Arrival::kClusterEvent, "ClusterEvent"},
  };
  constexpr std::pair<Place, PendingIn> kPlaces[] = {
      {Place::kActive, PendingIn::kActive},
      {Place::kBackoff, PendingIn::kBackoff},
      {Place::kUnschedulable, PendingIn::kUnschedulable},
      {Place::kWaiting, PendingIn::kUnschedulable},
      {Place::kGated, PendingIn::kGated},
  };
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  for (const auto& [place, in] : kPlaces) {
    for (const auto& [by, event] : kEvents) {
      const std::uint64_t arrived = queue.arrived(place, by);
      if (arrived > 0) counts[{std::string(NameOf(in)), std::string(event)}] += arrived;
    }
  }
  return counts;
}

std::map<std::pair<std::string, std::string>, std::size_t> CountRejected(
    const SchedulingQueue& queue) {
  std::map<std::pair<std::string, std::string>, std::size_t> by_name;
  queue.ForEach([&by_name](const QueueEntry& entry) {
    const std::optional<PendingIn> in = QueueOf(entry);
    if (in != PendingIn::kUnschedulable && in != PendingIn::kBackoff) return;
    for (const Plugin* plugin : entry.failure.plugins) {
      ++by_name[{std::string(plugin->name()), entry.record->pod->spec->scheduler_name}];
    }
  });
  return by_name;
}

}  // namespace heat_scheduler
