// Where each pod of ours waits for its next attempt.
//
// A pod is in exactly one place:
//
//   kGated          PreEnqueue keeps it out; asked again when an input of that plugin changes
//   kActive         to be tried, in the order of QueueSort, then of arrival
//   kInFlight       taken by Pop: being decided on, waiting in Permit or PreBind, being bound, or
//                   making others leave
//   kWaiting        a PreFilter waits: active again at its deadline or when its inputs change
//   kUnschedulable  fits nowhere: until an input of the rejecting plugins changes, a verdict runs
//                   out, or five minutes have passed
//   kBackoff        as above, or after an error, and its back-off has not passed yet
//
// Back-off starts at the failure: `initial`, doubled with each failure up to `max`, by the number
// of errors in a row if the last attempt was one, else by the number of rejections. It is always
// waited out: kube-scheduler 1.36, while it has nothing else to do, takes rejected pods out of it.
// A pod on which plugins failed `quarantine_after` times in a row is put aside: it joins the pool,
// where its own change and the passing of five minutes alone bring it back. An event that would
// have woken a pod while it was in flight is not lost: if the attempt fails, the pod backs off
// instead of joining the pool. A pod is woken at most once per attempt, and pods that do not read
// an input are not looked at when it changes, so that wake-ups cost no more than the attempts they
// lead to. All times are monotonic, but for `valid_until`. Thread-compatible. Source:
// pkg/scheduler/backend/queue (scheduling_queue.go, backoff_queue.go), v1.36.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/strings.h"
#include "scheduler/framework/plugin.h"

namespace heat_scheduler {

// Where the pods of ours are.
struct QueueCounts {
  std::size_t active = 0, backoff = 0, gated = 0, in_flight = 0;
  std::size_t unschedulable = 0;  // Those for which a PreFilter waits included.
};

struct QueueLimits {
  absl::Duration initial_backoff;
  absl::Duration max_backoff;  // Zero: no back-off at all.
  absl::Duration max_unschedulable;
  int quarantine_after = 10;
};

// What brings a pod into a place.
enum class Arrival : std::uint8_t {
  kPodAdd,           // It came, or came to be ours.
  kPodUpdate,        // It changed itself.
  kAttemptFailure,   // An attempt on it failed.
  kBackoffComplete,  // Its back-off has passed.
  kTimeout,          // Its time is up, whatever it waited for.
  kClusterEvent,     // Something changed that it reads.
};
inline constexpr std::size_t kArrivals = 6;

struct QueueEntry;

// The order of the active queue: QueueSort, then arrival. A QueueSort plugin that throws leaves it
// to arrival.
struct ActiveOrder {
  const QueueSortPlugin* sort;
  bool operator()(const QueueEntry* a, const QueueEntry* b) const;
};

// One pod in the queue.
struct QueueEntry {
  enum class Place {
    kNowhere,  // Added, or lifted out of the order.
    kGated,
    kActive,
    kInFlight,
    kWaiting,
    kUnschedulable,
    kBackoff,
  };

  std::string key;                    // PodKey of the pod.
  const PodRecord* record = nullptr;  // Of the cluster state, which outlives the entry.
  absl::Duration first_queued;        // When it was added.
  int attempts = 0;                   // Times that it was popped.
  Place place = Place::kNowhere;
  // PreEnqueue has let it in, and it has not changed since. Kept by the caller.
  bool admitted = false;

  // The first wait of the hook that waits now, kept until the hook answers anything else.
  std::string waiting_plugin;
  absl::Duration wait_deadline;

  // Why the last attempt failed, or PreEnqueue keeps it out, for who lists the queue; kept by the
  // caller.
  struct LastFailure {
    std::vector<const Plugin*> plugins;  // Those that rejected it.
    std::string message;
  };
  LastFailure failure;
  // It is tried again only because `max_unschedulable` has passed.
  bool flushed = false;

  // ---- The queue's own ----
  QueuedPod sort_key;
  bool lifted = false;
  Arrival arrival = Arrival::kPodAdd;  // With which it comes to its next place.
  int rejections = 0;
  int errors_in_a_row = 0;
  int plugin_errors_in_a_row = 0;
  absl::Duration failed_at;
  std::uint64_t popped_at_event = 0;
  Inputs updated_in_flight;
  // Set while it is in the order, waits for a time, or waits for inputs.
  std::optional<std::set<QueueEntry*, ActiveOrder>::const_iterator> active_at;
  std::optional<absl::Duration> due;
  std::optional<Inputs> parked_for;
};

class SchedulingQueue {
 public:
  using Place = QueueEntry::Place;

  // What an event or the passing of time leaves for the caller to do, by key: pods that are not
  // admitted, whose PreEnqueue is to be asked, and pods in flight whose hook is to be asked again.
  struct Woken {
    std::vector<std::string> not_admitted;
    std::vector<std::string> in_flight;
  };

  SchedulingQueue(const QueueSortPlugin& sort, QueueLimits limits);

  // Returns the pod's entry, or null.
  QueueEntry* Find(std::string_view key);

  // Adds a pod that is not there, placed nowhere yet.
  QueueEntry& Add(const PodRecord& record, absl::Duration now);
  // Forgets a pod, wherever it is.
  void Remove(QueueEntry& entry);

  // Takes an active pod out of the order while its record changes; Activate puts it back. Leaves
  // any other pod where it is.
  void Lift(QueueEntry& entry);

  // Moves the pod to the active queue, at the time at which it last came there if it was only
  // lifted.
  void Activate(QueueEntry& entry, absl::Duration now);
  // Moves it to the active queue, or to back-off while that lasts.
  void Retry(QueueEntry& entry, absl::Duration now);
  // Keeps the pod out until one of the inputs changes.
  void Gate(QueueEntry& entry, Inputs inputs);

  // Takes the first active pod: it is in flight now. Returns null if there is none.
  QueueEntry* Pop();

  // What became of a pod in flight:
  // A PreFilter waits.
  void Wait(QueueEntry& entry, const WaitFor& wait);
  // Permit or PreBind waits; the pod stays in flight.
  void Suspend(QueueEntry& entry, const WaitFor& wait);
  // It waits no longer, and stays in flight.
  void Resume(QueueEntry& entry);
  // It was rejected: to the pool, or to back-off if it was changed, or one of `wake_inputs` was,
  // since it was popped. `valid_until` is the wall time at which the verdict may change by itself.
  void Reject(QueueEntry& entry, Inputs wake_inputs, std::optional<absl::Time> valid_until,
              Instant now);
  // It was rejected where no event can help (PreBind, Bind): to back-off.
  void RejectForNow(QueueEntry& entry, absl::Duration now);
  // Something failed: to back-off.
  void Fail(QueueEntry& entry, absl::Duration now);
  // The same, in a plugin that threw or could not answer; in the end to the pool.
  void FailInPlugin(QueueEntry& entry, absl::Duration now);

  // Notes what changed of the pod itself while it was in flight.
  static void NoteUpdateInFlight(QueueEntry& entry, Inputs changed) {
    entry.updated_in_flight = entry.updated_in_flight | changed;
  }
  // Returns true if one of the inputs, of the pod itself, can end what a pod in the pool waits for.
  // All of them always can.
  static bool Reads(const QueueEntry& entry, Inputs changed);

  // Inputs have changed: wakes who reads them. The pod that caused the change by its own coming or
  // going is not woken by it.
  Woken OnEvent(Inputs inputs, absl::Duration now, QueueEntry* cause = nullptr);
  // Time has passed: does what is due.
  Woken OnTime(absl::Duration now);

  // Returns the earliest time at which something is due, or nothing.
  std::optional<absl::Duration> NextDue() const;

  bool HasActive() const { return !active_.empty(); }
  QueueCounts counts() const;
  // Returns how many pods came to a place by that so far.
  std::uint64_t arrived(Place place, Arrival by) const {
    return arrived_[static_cast<std::size_t>(place)][static_cast<std::size_t>(by)];
  }
  // Returns where each pod is, in the order of their keys. Looks at all of them.
  std::vector<std::pair<std::string, Place>> places() const;
  // Returns all pods: active ones in the order in which Pop takes them, then the others by the time
  // that they wait for, those that wait for none last, then by arrival.
  std::vector<const QueueEntry*> InOrder() const;
  // Calls `visit` with each pod, in no particular order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto& [key, entry] : entries_) visit(*entry);
  }

 private:
  void MoveTo(QueueEntry& entry, Place place);
  void TakeOut(QueueEntry& entry);
  void SetDue(QueueEntry& entry, absl::Duration due);
  void Park(QueueEntry& entry, Inputs inputs);
  void Wake(QueueEntry& entry, absl::Duration now, Woken& woken);
  absl::Duration BackoffEnd(const QueueEntry& entry) const;
  static void NoteRejection(QueueEntry& entry, absl::Duration now);
  static void NoteError(QueueEntry& entry, absl::Duration now);
  static void NoteFailure(QueueEntry& entry, absl::Duration now);
  bool MissedSomething(const QueueEntry& entry, Inputs wake_inputs) const;

  const QueueLimits limits_;
  absl::flat_hash_map<std::string, std::unique_ptr<QueueEntry>, StringHash, StringEqual> entries_;
  std::set<QueueEntry*, ActiveOrder> active_;
  // By time, then arrival.
  std::map<std::pair<absl::Duration, std::uint64_t>, QueueEntry*> due_;
  // By the inputs that they wait for, then arrival: few different sets, so that an event looks at
  // those whom it wakes and no others.
  std::map<std::uint32_t, std::map<std::uint64_t, QueueEntry*>> parked_;
  std::array<std::size_t, 7> counts_{};                            // By Place.
  std::array<std::array<std::uint64_t, kArrivals>, 7> arrived_{};  // By Place and Arrival.
  std::uint64_t arrivals_ = 0;
  std::uint64_t events_ = 0;                       // Number of the last event.
  std::array<std::uint64_t, 32> last_event_of_{};  // By input.
};

}  // namespace heat_scheduler
