// The pods that wait, for people: where, since when, until when, and for what.
//
// A look at the queue, made when somebody asks; it changes nothing. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "scheduler/core/queue.h"
#include "scheduler/framework/effects.h"

namespace heat_scheduler {

// Where a pod waits, as the label "queue" of scheduler_pending_pods says it, and those in flight.
enum class PendingIn { kActive, kBackoff, kUnschedulable, kGated, kInFlight };

// All of them, in the order of a listing.
inline constexpr PendingIn kPendingIn[] = {PendingIn::kActive, PendingIn::kBackoff,
                                           PendingIn::kUnschedulable, PendingIn::kGated,
                                           PendingIn::kInFlight};

// Returns "active", "backoff", "unschedulable", "gated", "inFlight".
std::string_view NameOf(PendingIn queue);

// One pod. Times are monotonic.
struct PendingPod {
  PodRef pod;
  std::string scheduler_name;
  std::int32_t priority = 0;
  PendingIn queue = PendingIn::kActive;
  // From 1 on, in the order in which pods leave that queue: active ones as they will be tried, the
  // others by the time of their next try, then arrival.
  std::size_t position = 0;
  int attempts = 0;
  absl::Duration queued_at;                  // When it first came.
  std::optional<absl::Duration> next_retry;  // At the latest; absent: when something changes.
  // Of the last failure: the plugins that rejected it, and the message of its condition.
  std::vector<std::string> plugins;
  std::string message;
};

// Which pods are asked for.
struct PendingQuery {
  std::string namespace_ = {};          // Empty: all.
  std::optional<PendingIn> queue = {};  // Absent: all.
  std::size_t limit = 500;              // Pods in the answer.
};

struct PendingList {
  std::vector<PendingPod> pods;  // By queue, then position.
  std::size_t remaining = 0;     // Those that were asked for and are beyond the limit.
};

// Returns what the query asks for. Looks at every pod in the queue.
PendingList ListPending(const SchedulingQueue& queue, const PendingQuery& query);

// Returns how many pods came into the queues so far, by queue and what brought them there, as the
// labels of scheduler_queue_incoming_pods_total say it.
std::map<std::pair<std::string, std::string>, std::uint64_t> CountArrivals(
    const SchedulingQueue& queue);

// Returns how many pods wait that a plugin rejected, by plugin and profile; one that several
// rejected counts for each. Looks at every pod in the queue.
std::map<std::pair<std::string, std::string>, std::size_t> CountRejected(
    const SchedulingQueue& queue);

}  // namespace heat_scheduler
