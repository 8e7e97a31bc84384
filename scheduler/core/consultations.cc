// Asking extenders: pods that are decided on in more than one go.
#include <string>
#include <utility>

#include "scheduler/core/scheduler_impl.h"

namespace heat_scheduler {

QueueEntry* Scheduler::Impl::NextToDecide() {
  while (!answered_.empty()) {
    const std::string key = std::move(answered_.front());
    answered_.pop_front();
    // The pod may be gone by now.
    const auto found = consultations_.find(key);
    if (found == consultations_.end() || found->second.waiting) continue;
    return queue_.Find(key);
  }
  return queue_.Pop();
}

bool Scheduler::Impl::SelectWithExtenders(const QueueEntry& entry, const Profile& profile,
                                          const Cycle& cycle, std::uint64_t decision,
                                          DecisionRecord* record, Selection& selection) {
  Consultation& consultation = consultations_[entry.key];
  ExtenderRound round(options_.extenders, *entry.record->pod, consultation, extender_verdicts_);
  extended_scan_.SelectWith(round, selection, profile, cycle, decision, record);
  std::optional<ExtenderEffect> question = round.TakeQuestion();
  if (!question.has_value()) {
    consultations_.erase(entry.key);
    return true;
  }
  question->ticket = consultation.ticket = ++last_ticket_;
  Emit(*std::move(question));
  return false;
}

void Scheduler::Impl::OnExtenderReply(const ExtenderReply& reply) {
  std::string key = PodKey(reply.pod.namespace_, reply.pod.name, reply.pod.uid);
  const auto found = consultations_.find(key);
  // The pod is gone, or was answered.
  if (found == consultations_.end() || !found->second.waiting ||
      found->second.ticket != reply.ticket) {
    return;
  }
  NoteAnswer(reply, found->second);
  answered_.push_back(std::move(key));
}

}  // namespace heat_scheduler
