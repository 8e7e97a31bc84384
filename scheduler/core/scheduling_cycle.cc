// From the queue to a node: one attempt on one pod.
#include <exception>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "scheduler/core/failure.h"
#include "scheduler/core/guard.h"
#include "scheduler/core/post_filters.h"
#include "scheduler/core/scheduler_impl.h"

namespace heat_scheduler {
namespace {

// Hint that a pod comes to the row: each column is elsewhere in memory, and what is fetched
// together is not waited for one by one.
void PrefetchRow(const NodeColumns& columns, NodeId row) {
  __builtin_prefetch(&columns.name[row]);
  __builtin_prefetch(&columns.node[row]);
  __builtin_prefetch(&columns.requested[row]);
  __builtin_prefetch(&columns.nonzero_milli_cpu[row]);
  __builtin_prefetch(&columns.nonzero_memory[row]);
  __builtin_prefetch(&columns.pods[row]);
  __builtin_prefetch(&columns.used_ports[row]);
  __builtin_prefetch(&columns.changed_at[row]);
  // Asked for when the row is looked at anew.
  __builtin_prefetch(&columns.allocatable[row]);
  __builtin_prefetch(&columns.allowed_pods[row]);
}

}  // namespace

std::optional<Attempt> Scheduler::Impl::ScheduleOne(Instant now) {
  Tick(now);
  Settle(now);
  QueueEntry* entry = NextToDecide();
  std::optional<Attempt> attempt;
  if (entry == nullptr) return attempt;
  Decide(*entry, now, attempt);
  Settle(now);
  return attempt;
}

bool Scheduler::Impl::PassesPreEnqueue(QueueEntry& entry, Instant now) {
  entry.admitted = false;
  const Profile& profile = profiles_.at(entry.record->pod->spec->scheduler_name);
  for (const auto& plugin : profile.pre_enqueue()) {
    const auto [status, thrown] = Guard<Status>(
        {plugin.plugin, "PreEnqueue"}, [&] { return plugin.point->PreEnqueue(*entry.record); });
    if (thrown.has_value()) {
      Report(entry, Failure::PluginError(thrown->Message()), now);
      return false;
    }
    if (!status.ok()) {
      entry.failure = {{plugin.plugin}, status.Message()};
      queue_.Gate(entry, plugin.point->pre_enqueue_inputs());
      return false;
    }
  }
  entry.admitted = true;
  return true;
}

void Scheduler::Impl::Decide(QueueEntry& entry, Instant now, std::optional<Attempt>& result) {
  const PodRecord& pod = *entry.record;
  const Profile& profile = profiles_.at(pod.pod->spec->scheduler_name);
  CycleState state;
  const std::uint64_t decision = decision_number_++;
  const Cycle cycle{cluster_, pod, state, now, Mix(options_.seed, decision)};
  Attempt& attempt = result.emplace();
  attempt.pod = RefOf(pod.facts);
  attempt.scheduler_name = profile.scheduler_name();
  attempt.attempts = entry.attempts;
  attempt.flushed = entry.flushed;
  attempt.queued_for = now.mono - entry.first_queued;

  const Selection& selection = attempt.selection;
  std::optional<DecisionRecord> record;
  if (options_.keep_best) record.emplace();
  const std::size_t search_start = selector_->search_start();
  DecisionRecord* const wanted = record.has_value() ? &*record : nullptr;
  const bool extended = ExtenderRound::Concerns(options_.extenders, *pod.pod);
  if (!extended) {
    selector_->SelectInto(attempt.selection, profile, cycle, decision, wanted);
  } else if (!SelectWithExtenders(entry, profile, cycle, decision, wanted, attempt.selection)) {
    attempt.message = selection.status.Message();
    return;
  }
  if (selection.result == Selection::Result::kChosen) {
    PrefetchRow(cluster_.columns(), selection.node);
  }
  entry.flushed = false;
  // What extenders said cannot be asked for again.
  if (history_.has_value() && !extended) {
    const bool chosen = selection.result == Selection::Result::kChosen;
    history_->Add(DecisionMark{pod.pod, decision, now, entry.attempts, search_start,
                               chosen ? cluster_.columns().name[selection.node] : ""});
  }
  if (selection.result != Selection::Result::kWait) entry.waiting_plugin.clear();
  std::optional<Failure> failure;
  switch (selection.result) {
    case Selection::Result::kChosen:
      attempt.node = cluster_.columns().name[selection.node];
      // The flight is going to hold it.
      __builtin_prefetch(cluster_.columns().node[selection.node].get());
      if (record.has_value()) {
        for (NodeId node : record->best) attempt.best.push_back(cluster_.columns().name[node]);
      }
      failure = Commit(entry, profile, cycle, selection.node);
      break;
    case Selection::Result::kUnschedulable:
      failure = OnFitsNowhere(profile, cycle, selection.diagnosis);
      break;
    case Selection::Result::kWait:
      attempt.message = selection.status.Message();
      failure = OnPreFilterWait(entry, selection, cycle);
      break;
    case Selection::Result::kError:
      failure = selection.status.plugin == kExtenderName
                    ? Failure::Error(selection.status.Message())
                    : Failure::PluginError(selection.status.Message());
      break;
  }
  if (failure.has_value()) {
    attempt.node.clear();
    attempt.message = failure->message;
    attempt.sought_victims = failure->sought_victims;
    if (failure->preemption.has_value()) {
      attempt.preempts_on = cluster_.columns().name[failure->preemption->node];
      for (const PodRecord* victim : failure->preemption->victims) {
        attempt.victims.push_back(RefOf(victim->facts));
      }
    }
    Report(entry, *failure, now);
    attempt.quarantined = failure->kind == Failure::Kind::kPluginError &&
                          entry.place == QueueEntry::Place::kUnschedulable;
  }
}

// Puts the pod on the node and starts its flight.
std::optional<Scheduler::Impl::Failure> Scheduler::Impl::Commit(QueueEntry& entry,
                                                                const Profile& profile,
                                                                const Cycle& cycle, NodeId node) {
  const NodeId nominated = entry.record->nominated;
  cluster_.Assume(*entry.record, node);
  Flight& flight = flights_[&entry];
  flight = {};
  flight.profile = &profile;
  flight.node = node;
  flight.row_seen = cluster_.columns().changed_at[node];
  flight.node_seen = cluster_.columns().node[node];
  std::optional<Failure> failure = RunReserve(flight, cycle);
  if (!failure.has_value()) failure = RunSteps(entry, flight, cycle.now);
  if (failure.has_value()) {
    Undo(entry);
    return failure;
  }
  flight.announced = true;
  Notify({Input::kTopologyCounts}, cycle.now, &entry);
  if (nominated != kNoNode && nominated != node) Notify(kRoomFreed, cycle.now, &entry);
  return std::nullopt;
}

Scheduler::Impl::Failure Scheduler::Impl::OnFitsNowhere(const Profile& profile, const Cycle& cycle,
                                                        const Diagnosis& diagnosis) {
  Failure failure = Failure::Rejected("", diagnosis.wake_inputs);
  failure.valid_until = diagnosis.valid_until;
  failure.plugins = diagnosis.rejecting_plugins;
  std::string post_filter_message;
  if (diagnosis.node_count > 0 && !profile.post_filter().empty()) {
    RunningPlugin running;
    auto [result, thrown] = Guard<PostFilterResult>(
        running, [&] { return RunPostFilters(profile, cycle, diagnosis, running); });
    if (thrown.has_value()) return Failure::PluginError(thrown->Message());
    failure.nomination = result.nominated_node_name;
    // In kube-scheduler, a PostFilter plugin that fails without its PreFilter (DynamicResources)
    // keeps the nomination of a pod that no node can take, and the room with it.
    if (!diagnosis.pre_filter.ok() && !failure.nomination.has_value()) failure.nomination = "";
    failure.sought_victims = result.sought_victims;
    if (result.preemption.has_value()) {
      failure.preemption = *result.preemption->candidates[result.preemption->chosen];
    }
    post_filter_message = result.status.Message();
  }
  failure.message = FitErrorMessage(cycle, diagnosis, post_filter_message);
  return failure;
}

// Puts the pod aside; or returns the rejection of a pod whose wait is over and was in vain.
std::optional<Scheduler::Impl::Failure> Scheduler::Impl::OnPreFilterWait(QueueEntry& entry,
                                                                         const Selection& selection,
                                                                         const Cycle& cycle) {
  if (WaitIsOver(entry, selection.status.plugin, selection.wait, cycle.now)) {
    Diagnosis diagnosis;
    diagnosis.node_count = cluster_.nodes().size();
    diagnosis.pre_filter = selection.status;
    return Failure::Rejected(FitErrorMessage(cycle, diagnosis, ""), selection.wait.inputs);
  }
  queue_.Wait(entry, {selection.wait.inputs, entry.wait_deadline});
  return std::nullopt;
}

void Scheduler::Impl::Report(QueueEntry& entry, const Failure& failure, Instant now) {
  entry.waiting_plugin.clear();
  entry.failure = {failure.plugins, TruncateNote(failure.message)};
  EmitFailure(*entry.record, failure.error() ? kReasonSchedulerError : kReasonUnschedulable,
              failure.message, failure.nomination, *this);
  if (failure.nomination.has_value()) Nominate(entry, *failure.nomination, now);
  if (failure.preemption.has_value() && StartPreemption(entry, failure, now)) return;
  switch (failure.kind) {
    case Failure::Kind::kRejected:
      queue_.Reject(entry, failure.wake_inputs, failure.valid_until, now);
      return;
    case Failure::Kind::kRejectedForNow:
      queue_.RejectForNow(entry, now.mono);
      return;
    case Failure::Kind::kError:
      queue_.Fail(entry, now.mono);
      return;
    case Failure::Kind::kPluginError:
      queue_.FailInPlugin(entry, now.mono);
      return;
  }
}

void Scheduler::Impl::Nominate(QueueEntry& entry, const std::string& node_name, Instant now) {
  const NodeId before = entry.record->nominated;
  cluster_.Nominate(entry.key, node_name);
  if (before != kNoNode && before != entry.record->nominated) Notify(kRoomFreed, now, &entry);
}

}  // namespace heat_scheduler
