// The scheduler as a deterministic state machine: inputs in, effects out.
//
// It does no I/O, reads no clock, starts no thread and draws no unseeded random number: the same
// inputs in the same order give the same effects, byte for byte. A driver hands in what happened,
// lets it decide pod after pod, carries the effects out and comes back by NextDeadline().
// Thread-compatible: one thread owns it.
//
//   PodChanged (ours, on no node) -> PreEnqueue -> gated | active <- backoff <- unschedulable pool
//   active -> ScheduleOne: select -> assume -> Reserve -> Permit -> PreBind -> Bind (BindEffect)
//          (PreBind may have volumes bound: BindVolumesEffect, VolumesReply, then the claims
//          themselves)
//          (and between the filters and the scores extenders may be asked: ExtenderEffect,
//          ExtenderReply, then ScheduleOne again)
//          -> BindReply bound: PostBind, "Scheduled"; else Unreserve, forget, back-off
//          -> fits nowhere: PostFilter, condition, "FailedScheduling", unschedulable pool
//             (by way of EvictEffect, EvictReply, "Preempted", if others have to leave for it)
// Ours are pods whose schedulerName has a profile, that are on no node, not terminated and not
// being deleted. Foreign pods count on their nodes at once; foreign pending pods are left alone,
// but for the room that those with a nominated node claim there. What wakes whom: a pod that comes
// to a node wakes readers of kTopologyCounts; one that leaves, shrinks or loses its nomination,
// readers of kNodePods and kTopologyCounts; a node, readers of what UpsertNode says has changed.
// Source: pkg/scheduler/schedule_one.go, backend/queue/scheduling_queue.go (v1.36); docs of the
// queue in queue.h, of what follows a choice in scheduler_impl.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "kube/codec.h"
#include "scheduler/core/pending.h"
#include "scheduler/core/queue.h"
#include "scheduler/core/selection.h"
#include "scheduler/framework/effects.h"
#include "scheduler/framework/extender.h"
#include "scheduler/framework/profile.h"

namespace heat_scheduler {

// An object was added or changed, as the API shows it now.
struct ObjectChanged {
  kube::Object object;
};

// An object is gone. `object` is its last known form.
struct ObjectGone {
  kube::Object object;
};

// What became of a BindEffect. A driver that does not know asks the API first: until it answers,
// the pod keeps its room on the node.
struct BindReply {
  enum class Outcome {
    kBound,           // On the node that we asked for.
    kBoundElsewhere,  // Somebody else bound it; the watch shows where.
    kPodGone,         // Deleted, being deleted, or another pod by that name by now.
    kFailed,          // Surely not bound: tried again after back-off.
  };
  PodRef pod;
  Outcome outcome = Outcome::kBound;
  std::string message;  // With kFailed: what the API said.
};

// What became of an EvictEffect. Evicting twice does no harm: a driver that does not know tries
// again.
struct EvictReply {
  enum class Outcome {
    kEvicted,  // We had it deleted.
    kGone,     // It was gone already.
    kFailed,   // Nothing is known to have come of it.
  };
  PodRef victim;
  PodRef preemptor;
  Outcome outcome = Outcome::kEvicted;
  std::string message;  // With kFailed: what the API said.
};

// What became of a BindVolumesEffect.
struct VolumesReply {
  enum class Outcome {
    kWritten,  // All of it was written.
    kBound,    // And the claims are to count as bound: nobody is going to bind them.
    kFailed,   // The write after the first `written` was not done.
  };
  PodRef pod;
  std::uint64_t ticket = 0;
  Outcome outcome = Outcome::kWritten;
  std::size_t written = 0;  // Writes that were done.
  std::string message;      // With kFailed: why.
};

// What became of an ExtenderEffect. Names of nodes that were not asked about count for nothing.
struct ExtenderReply {
  struct Refusal {
    std::string node;
    std::string reason;
    bool resolvable = true;  // Removing pods from the node might help.
  };
  PodRef pod = {};
  std::uint64_t ticket = 0;
  std::string error = {};                // Not empty: the attempt on the pod fails with that.
  std::vector<std::string> passed = {};  // The nodes that the pod may have ...
  std::vector<Refusal> refused = {};     // ... and others, as far as a reason was given.
  // What is to be added to the total of a node.
  std::vector<std::pair<std::string, std::int64_t>> points = {};
};

// Time has passed; nothing else happened.
struct TimePassed {};

using MachineInput = std::variant<ObjectChanged, ObjectGone, BindReply, ExtenderReply, EvictReply,
                                  VolumesReply, TimePassed>;

struct SchedulerOptions {
  std::uint64_t seed = 0;
  TieRule tie_rule = TieRule::kRotate;
  SelectorKind selector = SelectorKind::kIncremental;  // Decisions are the same with either.
  absl::Duration initial_backoff = absl::Seconds(1);   // podInitialBackoffSeconds
  absl::Duration max_backoff = absl::Seconds(10);      // podMaxBackoffSeconds
  absl::Duration max_unschedulable =
      absl::Minutes(5);    // Time after which any unschedulable pod is tried again.
  bool keep_best = false;  // Attempt::best is filled in, at the cost of a record of each decision.
  // Asked about the pods that concern them, in this order.
  std::vector<ExtenderConfig> extenders = {};
  // Bytes that may be kept of what the cluster was before its last changes, so that decisions can
  // be explained; 0: nothing is kept.
  std::size_t history_bytes = 0;
};

// What ScheduleOne did, for logs, metrics and the demo's "why".
struct Attempt {
  PodRef pod;
  std::string_view scheduler_name;  // The profile's, as long as the machine.
  Selection selection;              // As Selector returned it.
  std::string node;                 // Name of the chosen node, or empty.
  // Names of the nodes that it was chosen among, itself included; with SchedulerOptions::keep_best.
  std::vector<std::string> best;
  std::string message;  // FitError or plugin error, or empty.
  std::string preempts_on =
      {};  // Name of the node on which others have to leave for it, or empty ...
  std::vector<PodRef> victims;  // ... and those others, the most important first.
  bool flushed = false;         // It was made only because the pod had waited so long.
  bool sought_victims = false;  // A plugin looked for pods that could leave for it.
  // It has failed in a plugin so often that it is put aside (QueueLimits::quarantine_after).
  bool quarantined = false;
  int attempts = 0;           // Of this pod, this one included.
  absl::Duration queued_for;  // Since the pod first came.
};

class Scheduler {
 public:
  // Returns InvalidArgument for no profiles, two of one name, or profiles that sort their queue
  // differently.
  static absl::StatusOr<std::unique_ptr<Scheduler>> Create(std::vector<Profile> profiles,
                                                           SchedulerOptions options);
  ~Scheduler();

  // Takes one input. Never decides; may move pods between queues and emit effects.
  void Handle(const MachineInput& input, Instant now);

  // Takes the first active pod and decides on it. Returns nothing if there is none.
  std::optional<Attempt> ScheduleOne(Instant now);

  // Returns what is to be done, in order, and forgets it.
  std::vector<Effect> TakeEffects();

  // Returns why a binding that was emitted, and has not been sent yet, must not be sent any more,
  // or nothing: its node is gone, or has changed since and the pod does not pass the filters there
  // now. Who heeds it answers BindReply::Outcome::kFailed.
  std::string ObjectionTo(const BindEffect& binding, Instant now);

  // Returns the monotonic time at which Handle(TimePassed) is due, or nothing while only inputs can
  // change something. Never in the past for long: what is due is done by the next call of Handle.
  std::optional<absl::Duration> NextDeadline() const;

  // Returns true if ScheduleOne has something to do.
  bool HasActive() const;

  QueueCounts queue_counts() const;
  // Returns how many pods came into the queues so far, by queue ("backoff") and what brought them
  // there ("BackoffComplete").
  std::map<std::pair<std::string, std::string>, std::uint64_t> arrivals() const;
  // Returns where each pod of ours waits, by PodKey, in order. For diagnosis: looks at all of them.
  std::vector<std::pair<std::string, QueueEntry::Place>> queue_places() const;
  // Returns the pods that wait, for people. Looks at all of them.
  PendingList pending(const PendingQuery& query) const;
  // Returns how many of them plugins rejected, by plugin and profile. Looks at all of them.
  std::map<std::pair<std::string, std::string>, std::size_t> rejected_pods() const;
  // Returns the pods that count on a node, then ours that are on none, none of them terminated.
  std::vector<kube::Ref<kube::Pod>> pods() const;
  const ClusterState& cluster() const;

  // Returns the changes and decisions of late, or null if none are kept.
  const History* history() const;
  const SchedulerOptions& options() const;

  // Returns how many pods gave up after the writing for their claims had begun.
  std::uint64_t volume_bindings_failed() const;

  // Returns true if pods of that schedulerName are ours.
  bool Owns(const std::string& scheduler_name) const;

 private:
  class Impl;
  explicit Scheduler(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace heat_scheduler
