// Making others leave for a pod: what a successful PostFilter asked for.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/core/failure.h"
#include "scheduler/core/scheduler_impl.h"

namespace heat_scheduler {
namespace {

bool IsLeaving(const PodRecord& pod) { return pod.pod->metadata.deletion_timestamp.has_value(); }

}  // namespace

bool Scheduler::Impl::StartPreemption(QueueEntry& entry, const Failure& failure, Instant now) {
  const PreemptionCandidate& candidate = *failure.preemption;
  std::vector<const PodRecord*> victims = candidate.victims;
  std::erase_if(victims, [](const PodRecord* victim) { return IsLeaving(*victim); });
  const PodRecord& preemptor = *entry.record;
  ClearLesserNominations(preemptor, candidate.node, now);
  if (victims.empty()) return false;
  Preempting preempting{.preemptor = RefOf(preemptor.facts),
                        .scheduler_name = preemptor.pod->spec->scheduler_name,
                        .node = cluster_.columns().name[candidate.node],
                        .evictions = {},
                        .wake_inputs = failure.wake_inputs,
                        .valid_until = failure.valid_until};
  for (const PodRecord* victim : victims) {
    QueueEntry* const queued = queue_.Find(PodKey(victim->facts));
    const auto flight = flights_.find(queued);
    if (flight != flights_.end() && !flight->second.bind_sent) {
      // It has not got there yet, and need not be deleted to be kept away.
      Abort(*queued, Failure::RejectedForNow("preempted"), now);
      EmitPreempted(RefOf(victim->facts), preempting.preemptor, preempting.node,
                    preempting.scheduler_name, true, *this);
      continue;
    }
    EmitEviction(*victim, preemptor, *this);
    preempting.evictions.push_back({RefOf(victim->facts)});
  }
  if (preempting.evictions.empty()) return false;
  preempting_.insert_or_assign(entry.key, std::move(preempting));
  return true;
}

void Scheduler::Impl::ClearLesserNominations(const PodRecord& preemptor, NodeId node, Instant now) {
  const std::vector<const PodRecord*> nominated = cluster_.columns().nominated[node];
  for (const PodRecord* pod : nominated) {
    QueueEntry* lesser = queue_.Find(PodKey(pod->facts));
    // What other schedulers do with theirs is up to them.
    if (lesser == nullptr || pod->facts.priority >= preemptor.facts.priority) continue;
    // It may find another place sooner than the preemption is over.
    GiveUpNomination(*lesser, now);
  }
}

void Scheduler::Impl::GiveUpNomination(QueueEntry& entry, Instant now) {
  Nominate(entry, "", now);
  // Whether the API shows it or not: it may be on its way there.
  Emit(PodStatusEffect{RefOf(entry.record->facts), "", "", ""});
  if (entry.place == QueueEntry::Place::kUnschedulable) queue_.Retry(entry, now.mono);
  if (entry.place == QueueEntry::Place::kInFlight) queue_.NoteUpdateInFlight(entry, Inputs::All());
}

void Scheduler::Impl::OnEvictReply(const EvictReply& reply) {
  const PodRef& pod = reply.preemptor;
  const auto found = preempting_.find(PodKey(pod.namespace_, pod.name, pod.uid));
  if (found == preempting_.end()) return;
  Preempting& preempting = found->second;
  for (Preempting::Eviction& eviction : preempting.evictions) {
    if (eviction.victim.uid != reply.victim.uid || eviction.victim.name != reply.victim.name ||
        eviction.victim.namespace_ != reply.victim.namespace_ || eviction.answered) {
      continue;
    }
    eviction.answered = true;
    switch (reply.outcome) {
      case EvictReply::Outcome::kEvicted:
        EmitPreempted(eviction.victim, preempting.preemptor, preempting.node,
                      preempting.scheduler_name, false, *this);
        break;
      case EvictReply::Outcome::kGone:
        break;
      case EvictReply::Outcome::kFailed:
        preempting.failed = true;
        break;
    }
  }
}

bool Scheduler::Impl::IsSettled(const Preempting& preempting) const {
  return std::all_of(preempting.evictions.begin(), preempting.evictions.end(),
                     [&](const Preempting::Eviction& eviction) {
                       if (!eviction.answered) return false;
                       if (preempting.failed) return true;
                       const PodRef& victim = eviction.victim;
                       const PodRecord* record =
                           cluster_.FindPod(PodKey(victim.namespace_, victim.name, victim.uid));
                       return record == nullptr || IsLeaving(*record) ||
                              record->where == PodRecord::Where::kTerminated;
                     });
}

void Scheduler::Impl::SettlePreemptions(Instant now) {
  for (auto at = preempting_.begin(); at != preempting_.end();) {
    if (!IsSettled(at->second)) {
      ++at;
      continue;
    }
    const std::string key = at->first;
    const Preempting preempting = std::move(at->second);
    at = preempting_.erase(at);
    QueueEntry* entry = queue_.Find(key);
    if (entry == nullptr || entry->place != QueueEntry::Place::kInFlight) continue;
    if (preempting.failed) {
      queue_.RejectForNow(*entry, now.mono);
    } else {
      queue_.Reject(*entry, preempting.wake_inputs, preempting.valid_until, now);
    }
  }
}

}  // namespace heat_scheduler
