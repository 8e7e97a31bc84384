// From a node to the binding: what follows a choice, and how it is taken back.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "scheduler/core/failure.h"
#include "scheduler/core/guard.h"
#include "scheduler/core/scheduler_impl.h"

namespace heat_scheduler {
namespace {

// Returns kube-scheduler's message for a pod that was refused on the one node chosen for it.
std::string RefusedOnOneNode(const std::vector<std::string>& reasons) {
  std::map<std::string, std::size_t> nodes_by_reason;
  for (const std::string& reason : reasons) nodes_by_reason[reason] = 1;
  return FitErrorMessage(1, nodes_by_reason);
}

// Returns what the plugin declares anywhere; everything if it declares nothing.
Inputs DeclaredInputs(const Plugin* plugin) {
  Inputs inputs;
  if (const auto* filter = dynamic_cast<const FilterPlugin*>(plugin)) {
    inputs = inputs | filter->filter_inputs();
  }
  if (const auto* pre_filter = dynamic_cast<const PreFilterPlugin*>(plugin)) {
    inputs = inputs | pre_filter->pre_filter_inputs();
  }
  return inputs.empty() ? Inputs::All() : inputs;
}

}  // namespace

std::optional<Scheduler::Impl::Failure> Scheduler::Impl::RunReserve(const Flight& flight,
                                                                    const Cycle& cycle) {
  const bool has_claims = !cycle.facts().claims.empty();
  std::vector<ClaimChoice> choices;
  for (const auto& entry : flight.profile->reserve()) {
    const RunningPlugin running{entry.plugin, "Reserve"};
    const auto [status, thrown] = Guard<Status>(running, [&] {
      Status chosen;
      if (has_claims) chosen = entry.point->ChooseVolumes(cycle, flight.node, choices);
      return chosen.ok() ? entry.point->Reserve(cycle, flight.node) : chosen;
    });
    if (thrown.has_value()) return Failure::PluginError(thrown->Message());
    if (status.ok()) continue;
    if (!status.rejected()) return Failure::PluginError(running.Error(status.Message()).Message());
    return Failure::Rejected(RefusedOnOneNode(status.reasons), DeclaredInputs(entry.plugin));
  }
  if (!choices.empty()) {
    cluster_.assumed_volumes().Assume(PodKey(cycle.facts()), cluster_.columns().name[flight.node],
                                      std::move(choices));
  }
  return std::nullopt;
}

std::optional<Scheduler::Impl::Failure> Scheduler::Impl::RunSteps(QueueEntry& entry, Flight& flight,
                                                                  Instant now) {
  CycleState state;
  const Cycle cycle{cluster_, *entry.record, state, now};
  const std::size_t steps = flight.profile->permit().size() + flight.profile->pre_bind().size();
  while (flight.step < steps) {
    bool suspended = false;
    if (auto failure = RunStep(entry, flight, cycle, suspended)) return failure;
    if (suspended) return std::nullopt;
    entry.waiting_plugin.clear();
    ++flight.step;
  }
  return RunBind(flight, cycle);
}

std::optional<Scheduler::Impl::Failure> Scheduler::Impl::RunStep(QueueEntry& entry, Flight& flight,
                                                                 const Cycle& cycle,
                                                                 bool& suspended) {
  const auto& permits = flight.profile->permit();
  const bool permit = flight.step < permits.size();
  const auto* pre_bind =
      permit ? nullptr : &flight.profile->pre_bind()[flight.step - permits.size()];
  const RunningPlugin running{permit ? permits[flight.step].plugin : pre_bind->plugin,
                              permit ? "Permit" : "PreBind"};
  const auto [result, thrown] = Guard<StepResult>(running, [&] {
    return permit ? permits[flight.step].point->Permit(cycle, flight.node)
                  : pre_bind->point->PreBind(cycle, flight.node, *this);
  });
  if (thrown.has_value()) return Failure::PluginError(thrown->Message());
  const Status& status = result.status;
  if (status.ok()) return std::nullopt;

  std::vector<std::string> reasons = status.reasons;
  if (status.code == Code::kWait) {
    if (!WaitIsOver(entry, running.plugin->name(), result.wait, cycle.now)) {
      queue_.Suspend(entry, {result.wait.inputs, entry.wait_deadline});
      suspended = true;
      return std::nullopt;
    }
    if (!result.late.empty()) return Failure::Error(running.Error(result.late).Message());
    reasons = {absl::StrCat("rejected due to timeout after waiting at plugin \"",
                            ToAbsl(running.plugin->name()), "\"")};
  } else if (!status.rejected()) {
    return Failure::Error(running.Error(status.Message()).Message());
  }
  if (permit) {
    return Failure::Rejected(RefusedOnOneNode(reasons), DeclaredInputs(running.plugin));
  }
  return Failure::RejectedForNow(absl::StrJoin(reasons, ", "));
}

std::optional<Scheduler::Impl::Failure> Scheduler::Impl::RunBind(Flight& flight,
                                                                 const Cycle& cycle) {
  if (const std::optional<std::size_t> extender = BindingExtender(*cycle.pod.pod)) {
    Emit(BindEffect{RefOf(cycle.facts()), cluster_.columns().name[flight.node], extender});
    flight.bind_sent = true;
    return std::nullopt;
  }
  const std::size_t effects_before = effects_.size();
  const std::size_t bindings_before = bindings_emitted_;
  // A binding that was not meant must not go out: the pod will be tried again.
  const auto take_back = [&] {
    effects_.erase(effects_.begin() + static_cast<std::ptrdiff_t>(effects_before), effects_.end());
  };
  for (const auto& entry : flight.profile->bind()) {
    const RunningPlugin running{entry.plugin, "Bind"};
    const auto [status, thrown] =
        Guard<Status>(running, [&] { return entry.point->Bind(cycle, flight.node, *this); });
    if (!thrown.has_value() && status.code == Code::kSkip) continue;
    if (!thrown.has_value() && status.ok() && bindings_emitted_ > bindings_before) {
      flight.bind_sent = true;
      flight.binder = entry.plugin;
      return std::nullopt;
    }
    take_back();
    if (thrown.has_value()) return Failure::PluginError(thrown->Message());
    if (status.rejected()) {
      return Failure::RejectedForNow(status.Message());
    }
    return Failure::Error(
        running.Error(status.ok() ? "it answered Success without a binding" : status.Message())
            .Message());
  }
  return Failure::Error("every Bind plugin left the binding to another");
}

// Returns the extender that binds the pod, if there is one.
std::optional<std::size_t> Scheduler::Impl::BindingExtender(const kube::Pod& pod) const {
  for (std::size_t i = 0; i < options_.extenders.size(); ++i) {
    const ExtenderConfig& extender = options_.extenders[i];
    if (!extender.bind_verb.empty() && IsInterested(extender, pod)) return i;
  }
  return std::nullopt;
}

bool Scheduler::Impl::WaitIsOver(QueueEntry& entry, std::string_view plugin, const WaitFor& wait,
                                 Instant now) {
  if (entry.waiting_plugin == plugin) return now.mono >= entry.wait_deadline;
  entry.waiting_plugin = std::string(plugin);
  entry.wait_deadline = wait.deadline;
  return false;
}

void Scheduler::Impl::Resume(const std::string& key, Instant now) {
  QueueEntry* entry = queue_.Find(key);
  if (entry == nullptr) return;
  auto found = flights_.find(entry);
  if (found == flights_.end() || found->second.bind_sent) return;
  queue_.Resume(*entry);
  std::optional<Failure> failure = FilterAgain(*entry, found->second, now);
  if (!failure.has_value()) failure = RunSteps(*entry, found->second, now);
  if (failure.has_value()) Abort(*entry, *failure, now);
}

// Returns why the pod does not fit its node any more, if it does not.
std::optional<Scheduler::Impl::Failure> Scheduler::Impl::FilterAgain(const QueueEntry& entry,
                                                                     Flight& flight, Instant now) {
  const NodeColumns& columns = cluster_.columns();
  if (columns.node[flight.node] == nullptr) {
    return Failure::RejectedForNow(
        RefusedOnOneNode({absl::StrCat("node \"", columns.name[flight.node], "\" was deleted")}));
  }
  if (columns.changed_at[flight.node] == flight.row_seen) return std::nullopt;
  return FilterOnNode(entry, flight, now);
}

std::string Scheduler::Impl::ObjectionTo(const BindEffect& binding, Instant now) {
  const QueueEntry* entry =
      queue_.Find(PodKey(binding.pod.namespace_, binding.pod.name, binding.pod.uid));
  const auto found = flights_.find(entry);
  if (found == flights_.end() || !found->second.bind_sent) return "";
  Flight& flight = found->second;
  // Pods that have come there since were decided on knowing of this one.
  const auto& node = cluster_.columns().node[flight.node];
  if (node != nullptr && node == flight.node_seen) return "";
  const std::optional<Failure> failure =
      node == nullptr ? FilterAgain(*entry, flight, now) : FilterOnNode(*entry, flight, now);
  return failure.has_value() ? failure->message : "";
}

// Has the pod, itself taken off, pass PreFilter and Filter on its node as it is now.
std::optional<Scheduler::Impl::Failure> Scheduler::Impl::FilterOnNode(const QueueEntry& entry,
                                                                      Flight& flight, Instant now) {
  const NodeId node = flight.node;
  flight.row_seen = cluster_.columns().changed_at[node];
  flight.node_seen = cluster_.columns().node[node];

  ClusterState::WhatIf without_pod(cluster_, node);
  without_pod.Remove(*entry.record);
  CycleState state;
  const Cycle cycle{cluster_, *entry.record, state, now};
  RunningPlugin running;
  Selection selection;
  const std::optional<Status> thrown = Caught(running, [&] {
    filtering_.Run(*flight.profile, cycle, NodeSpan(&node, 1), running, selection);
  });
  if (thrown.has_value()) return Failure::PluginError(thrown->Message());
  switch (selection.result) {
    case Selection::Result::kChosen:
      return std::nullopt;
    case Selection::Result::kUnschedulable:
      return Failure::RejectedForNow(FitErrorMessage(cycle, selection.diagnosis, ""));
    case Selection::Result::kWait:
      return Failure::RejectedForNow(RefusedOnOneNode(selection.status.reasons));
    case Selection::Result::kError:
      break;
  }
  return Failure::PluginError(selection.status.Message());
}

Inputs Scheduler::Impl::Undo(const QueueEntry& entry) {
  auto found = flights_.find(&entry);
  const Flight flight = std::move(found->second);
  flights_.erase(found);
  const auto& reserve = flight.profile->reserve();
  for (auto plugin = reserve.rbegin(); plugin != reserve.rend(); ++plugin) {
    // The pod has failed already; the other plugins are still to be told.
    Caught({plugin->plugin, "Unreserve"},
           [&] { plugin->point->Unreserve(*entry.record, flight.node); });
  }
  const VolumePlan* plan = cluster_.assumed_volumes().PlanOf(entry.key);
  if (plan != nullptr && plan->stage != VolumePlan::Stage::kDecided) ++volume_bindings_failed_;
  Inputs changed;
  if (cluster_.assumed_volumes().Forget(entry.key)) changed = {Input::kVolumes};
  const bool leaves = entry.record->where == PodRecord::Where::kAssumed;
  cluster_.Forget(entry.key);
  return leaves && flight.announced ? changed | kRoomFreed : changed;
}

void Scheduler::Impl::Abort(QueueEntry& entry, const Failure& failure, Instant now) {
  const Flight& flight = flights_.at(&entry);
  const bool tell = !flight.bind_sent;
  const bool permit = flight.step < flight.profile->permit().size();
  const NodeId node = flight.node;
  const Inputs changed = Undo(entry);
  if (entry.record->pod->metadata.deletion_timestamp.has_value()) {
    queue_.Remove(entry);
    Notify(changed, now);
    return;
  }
  if (tell) {
    Emit(AbortedEffect{RefOf(entry.record->facts), cluster_.columns().name[node],
                       permit ? "Permit" : "PreBind", failure.error(), failure.message});
  }
  Report(entry, failure, now);
  Notify(changed, now, &entry);
}

void Scheduler::Impl::OnBindReply(const BindReply& reply, Instant now) {
  const std::string key = PodKey(reply.pod.namespace_, reply.pod.name, reply.pod.uid);
  QueueEntry* queued = queue_.Find(key);
  auto found = flights_.find(queued);
  // Not ours, answered before, or the watch was faster.
  if (found == flights_.end() || !found->second.bind_sent) return;
  QueueEntry& entry = *queued;
  const Flight& flight = found->second;
  const bool seen_bound =
      entry.record->where == PodRecord::Where::kBound && entry.record->node == flight.node;
  switch (reply.outcome) {
    case BindReply::Outcome::kBound:
      OnBound(entry);
      return;
    case BindReply::Outcome::kFailed:
      if (seen_bound) {
        OnBound(entry);
        return;
      }
      Abort(entry,
            Failure::Error(flight.binder == nullptr ? reply.message
                                                    : absl::StrCat("running Bind plugin \"",
                                                                   ToAbsl(flight.binder->name()),
                                                                   "\": ", reply.message)),
            now);
      return;
    case BindReply::Outcome::kBoundElsewhere:
    case BindReply::Outcome::kPodGone: {
      const Inputs changed = Undo(entry);
      if (entry.record->where == PodRecord::Where::kPending) settled_.insert(key);
      queue_.Remove(entry);
      Notify(changed, now);
      return;
    }
  }
}

void Scheduler::Impl::OnVolumesReply(const VolumesReply& reply, Instant now) {
  std::string pod;
  const bool freed =
      cluster_.assumed_volumes().NoteWritten(reply.ticket, reply.written, reply.message,
                                             reply.outcome == VolumesReply::Outcome::kBound, pod);
  // Its hook is asked again.
  if (!pod.empty()) woken_.in_flight.push_back(pod);
  if (freed) Notify({Input::kVolumes}, now, pod.empty() ? nullptr : queue_.Find(pod));
}

void Scheduler::Impl::OnBound(QueueEntry& entry) {
  auto found = flights_.find(&entry);
  const Flight& flight = found->second;
  for (const auto& plugin : flight.profile->post_bind()) {
    // Bound is bound: a plugin that fails to take note changes nothing for the pod.
    Caught({plugin.plugin, "PostBind"},
           [&] { plugin.point->PostBind(*entry.record, flight.node); });
  }
  cluster_.assumed_volumes().Forget(entry.key);
  EmitScheduled(*entry.record, cluster_.columns().name[flight.node], *this);
  flights_.erase(found);
  queue_.Remove(entry);
}

}  // namespace heat_scheduler
