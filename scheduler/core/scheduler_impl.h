// The inside of Scheduler: what is known, what is queued, what is in flight, and how one becomes
// the other. Private to scheduler/core.
//
// After a choice (binding_cycle.cc): the pod is assumed, then
//
//   Reserve* -> Permit* -> PreBind* -> Bind -> BindEffect ... BindReply
//
// Permit and PreBind may suspend the pod; it is resumed by a change of the inputs that the hook
// named or at the deadline of its first wait, and the hook is asked again. If the node's row has
// changed meanwhile, the pod has to pass PreFilter and Filter there again, itself taken off. Any
// failure undoes everything: Unreserve in reverse order on all, forget, report; Reserve and Permit
// reject into the pool, everything later into back-off. What plugins choose for the pod's claims is
// assumed from Reserve on (assumed_volumes.h) and written by a BindVolumesEffect of PreBind. A pod
// that fits nowhere and preempts others stays in flight, too, until they leave (preemption.cc), and
// so does one about which extenders are asked (consultations.cc): it holds nothing meanwhile.
// From the BindEffect on, only BindReply, or the watch showing the pod elsewhere, gone or
// terminated, ends the flight.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "scheduler/core/extender_round.h"
#include "scheduler/core/filtering.h"
#include "scheduler/core/full_scan.h"
#include "scheduler/core/queue.h"
#include "scheduler/core/scheduler.h"
#include "scheduler/core/selection.h"

namespace heat_scheduler {

// What changes where a pod leaves a node, or gives up its claim to one.
inline constexpr Inputs kRoomFreed = {Input::kNodePods, Input::kTopologyCounts};

class Scheduler::Impl final : public EffectSink {
 public:
  Impl(std::map<std::string, Profile> profiles, SchedulerOptions options);

  void Handle(const MachineInput& input, Instant now);
  std::optional<Attempt> ScheduleOne(Instant now);
  std::string ObjectionTo(const BindEffect& binding, Instant now);
  std::vector<Effect> TakeEffects();

  void Emit(Effect effect) override;

  bool HasActive() const { return queue_.HasActive() || !answered_.empty(); }
  const SchedulingQueue& queue() const { return queue_; }
  const ClusterState& cluster() const { return cluster_; }
  const History* history() const { return history_.has_value() ? &*history_ : nullptr; }
  const SchedulerOptions& options() const { return options_; }
  std::uint64_t volume_bindings_failed() const { return volume_bindings_failed_; }
  bool Owns(const std::string& scheduler_name) const { return profiles_.count(scheduler_name) > 0; }

 private:
  // A pod on its way to a node.
  struct Flight {
    const Profile* profile = nullptr;
    NodeId node = kNoNode;
    std::uint64_t row_seen = 0;       // The row's changed_at when it was last checked against it.
    kube::Ref<kube::Node> node_seen;  // The node then.
    std::size_t step = 0;             // Permit plugins, then PreBind plugins, then Bind.
    bool announced = false;           // Others were told that the pod has come to the node.
    bool bind_sent = false;
    const Plugin* binder = nullptr;  // The Bind plugin that took it; null: an extender.
  };

  // How an attempt failed, and with it what becomes of the pod.
  struct Failure {
    enum class Kind {
      kRejected,        // No room or no leave: to the pool.
      kRejectedForNow,  // Rejected too late for the pool: to back-off.
      kError,           // To back-off.
      kPluginError,     // A plugin threw, or could not answer: to back-off, in the end aside.
    };
    Kind kind;
    std::string message;
    Inputs wake_inputs;                                            // With kRejected.
    std::optional<absl::Time> valid_until;                         // With kRejected.
    std::optional<std::string> nomination = "";                    // As in EmitFailure.
    std::optional<PreemptionCandidate> preemption = std::nullopt;  // Who has to leave for it.
    std::vector<const Plugin*> plugins = {};                       // That rejected it.
    bool sought_victims = false;

    // It is no rejection.
    bool error() const { return kind == Kind::kError || kind == Kind::kPluginError; }

    static Failure Error(std::string message) { return {Kind::kError, std::move(message)}; }
    static Failure PluginError(std::string message) {
      return {Kind::kPluginError, std::move(message)};
    }
    static Failure RejectedForNow(std::string message) {
      return {Kind::kRejectedForNow, std::move(message)};
    }
    static Failure Rejected(std::string message, Inputs wake_inputs) {
      return {Kind::kRejected, std::move(message), wake_inputs};
    }

   private:
    Failure(Kind its_kind, std::string its_message, Inputs its_wake_inputs = {})
        : kind(its_kind), message(std::move(its_message)), wake_inputs(its_wake_inputs) {}
  };

  // A pod that made others leave. It stays in flight until all of them are seen leaving: before,
  // it could be tempted to evict more.
  struct Preempting {
    struct Eviction {
      PodRef victim;
      bool answered = false;
    };
    PodRef preemptor;
    std::string scheduler_name;
    std::string node;
    std::vector<Eviction> evictions;
    bool failed = false;  // An eviction was refused.
    // What the pod waits for afterwards.
    Inputs wake_inputs;
    std::optional<absl::Time> valid_until;
  };

  // ---- cluster_events.cc: what the world shows ----
  void OnObjectChanged(const kube::Object& object, Instant now);
  void OnObjectGone(const kube::Object& object, Instant now);
  void OnPod(const kube::Ref<kube::Pod>& pod, Instant now);
  bool IsOfInterest(const kube::Pod& pod) const;
  void OnPodGone(const std::string& key, Instant now);
  // Has the pods asked again whose plan for their volumes has to do with the object.
  void WakePlansOf(const kube::Object& object);
  void OnNodeGone(const std::string& name, Instant now);
  void PlacePod(const PodRecord& record, Inputs changed, Instant now);
  void UpdateFlight(QueueEntry& entry, Inputs changed, Instant now);
  void DropFlight(const QueueEntry& entry, Instant now);
  void RequeueChanged(QueueEntry& entry, Inputs changed, Instant now);

  // ---- scheduler.cc: time and wake-ups ----
  void Tick(Instant now);
  void Notify(Inputs inputs, Instant now, QueueEntry* cause = nullptr);
  void Collect(SchedulingQueue::Woken woken);
  void Settle(Instant now);

  // ---- scheduling_cycle.cc: from the queue to a node ----
  bool PassesPreEnqueue(QueueEntry& entry, Instant now);
  void Decide(QueueEntry& entry, Instant now, std::optional<Attempt>& result);
  std::optional<Failure> Commit(QueueEntry& entry, const Profile& profile, const Cycle& cycle,
                                NodeId node);
  static Failure OnFitsNowhere(const Profile& profile, const Cycle& cycle,
                               const Diagnosis& diagnosis);
  std::optional<Failure> OnPreFilterWait(QueueEntry& entry, const Selection& selection,
                                         const Cycle& cycle);
  void Report(QueueEntry& entry, const Failure& failure, Instant now);
  // Counts the nomination from now on, before the API shows it.
  void Nominate(QueueEntry& entry, const std::string& node_name, Instant now);

  // ---- consultations.cc: asking extenders ----
  // Returns the pod that is to be decided on: one about which extenders have answered, or else the
  // first of the queue.
  QueueEntry* NextToDecide();
  // Decides on a pod that extenders have a say in. Returns false if that ends with a question to
  // them, which is emitted.
  bool SelectWithExtenders(const QueueEntry& entry, const Profile& profile, const Cycle& cycle,
                           std::uint64_t decision, DecisionRecord* record, Selection& selection);
  void OnExtenderReply(const ExtenderReply& reply);

  // ---- preemption.cc: making others leave ----
  // Makes the victims leave. Returns false if there is nothing to wait for.
  bool StartPreemption(QueueEntry& entry, const Failure& failure, Instant now);
  // Clears the nominations to the node of pods that are less important.
  void ClearLesserNominations(const PodRecord& preemptor, NodeId node, Instant now);
  // Nothing will come of the pod's nomination: it is tried again.
  void GiveUpNomination(QueueEntry& entry, Instant now);
  void OnEvictReply(const EvictReply& reply);
  // Lets go of the pods whose victims are all seen leaving.
  void SettlePreemptions(Instant now);
  bool IsSettled(const Preempting& preempting) const;

  // ---- binding_cycle.cc: from a node to the binding ----
  std::optional<Failure> RunReserve(const Flight& flight, const Cycle& cycle);
  // Goes on from the flight's step; returns what failed, if anything.
  std::optional<Failure> RunSteps(QueueEntry& entry, Flight& flight, Instant now);
  std::optional<Failure> RunStep(QueueEntry& entry, Flight& flight, const Cycle& cycle,
                                 bool& suspended);
  std::optional<Failure> RunBind(Flight& flight, const Cycle& cycle);
  std::optional<std::size_t> BindingExtender(const kube::Pod& pod) const;
  // Notes that the plugin waits; returns true if it did before and its first deadline has passed.
  static bool WaitIsOver(QueueEntry& entry, std::string_view plugin, const WaitFor& wait,
                         Instant now);
  std::optional<Failure> FilterAgain(const QueueEntry& entry, Flight& flight, Instant now);
  std::optional<Failure> FilterOnNode(const QueueEntry& entry, Flight& flight, Instant now);
  void Resume(const std::string& key, Instant now);
  // Takes back everything that the flight has done; the pod is pending again, unless it was seen
  // bound. Returns what has changed with that, as far as others were told of the flight.
  Inputs Undo(const QueueEntry& entry);
  void Abort(QueueEntry& entry, const Failure& failure, Instant now);
  void OnBindReply(const BindReply& reply, Instant now);
  void OnVolumesReply(const VolumesReply& reply, Instant now);
  void OnBound(QueueEntry& entry);

  const SchedulerOptions options_;
  const std::map<std::string, Profile> profiles_;
  std::optional<History> history_;  // Of the cluster.
  ClusterState cluster_;
  SchedulingQueue queue_;
  const std::unique_ptr<Selector> selector_;
  Filtering filtering_;
  // Only Commit adds to it, so that a flight stays where it is while its steps run.
  absl::flat_hash_map<const QueueEntry*, Flight> flights_;
  std::map<std::string, Preempting, std::less<>> preempting_;  // By key of the preemptor.
  // Pods in flight that extenders have a say in, by key, and those of them about which they have
  // answered, in the order of the answers; some may be gone.
  std::map<std::string, Consultation, std::less<>> consultations_;
  std::deque<std::string> answered_;
  std::uint64_t last_ticket_ = 0;
  ExtenderVerdicts extender_verdicts_;
  FullScan extended_scan_;
  // Pods that a BindReply said are settled elsewhere, until the watch shows it.
  absl::flat_hash_set<std::string> settled_;
  std::vector<Effect> effects_;
  std::size_t bindings_emitted_ = 0;
  std::uint64_t volume_bindings_failed_ = 0;
  std::uint64_t decision_number_ = 0;
  std::optional<std::int64_t> wall_ahead_;  // Wall clock minus monotonic, when last looked at; ns.
  SchedulingQueue::Woken woken_;            // Yet to be dealt with.
};

}  // namespace heat_scheduler
