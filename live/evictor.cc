#include "live/evictor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "live/log.h"

namespace heat_scheduler {
namespace {

const char* OutcomeName(EvictReply::Outcome outcome) {
  switch (outcome) {
    case EvictReply::Outcome::kEvicted:
      return "evicted";
    case EvictReply::Outcome::kGone:
      return "gone";
    case EvictReply::Outcome::kFailed:
      break;
  }
  return "failed";
}

}  // namespace

Evictor::Evictor(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics, std::uint64_t seed,
                 OnReply on_reply)
    : loop_(loop), api_(api), metrics_(metrics), random_(seed), on_reply_(std::move(on_reply)) {}

Evictor::~Evictor() {
  for (const auto& [id, entry] : in_flight_) {
    api_.Cancel(entry.call);
    loop_.Cancel(entry.timer);
  }
}

void Evictor::Evict(EvictEffect effect) {
  waiting_.push_back(std::move(effect));
  Fill();
}

void Evictor::Fill() {
  while (!waiting_.empty() && in_flight_.size() < kMaxInFlight) {
    const std::uint64_t id = ++last_id_;
    in_flight_.try_emplace(id, std::move(waiting_.front()), random_);
    waiting_.pop_front();
    Send(id);
  }
}

void Evictor::Send(std::uint64_t id) {
  Entry& entry = in_flight_.at(id);
  ++entry.tries;
  entry.timer = 0;
  const auto on_answer = [this, id](const auto& result) {
    OnAnswer(id, result.ok() ? nullptr : &result.failure());
  };
  const PodRef& victim = entry.effect.victim;
  if (entry.marked) {
    entry.call = api_.DeletePod(victim.namespace_, victim.name, victim.uid, on_answer);
    return;
  }
  entry.call =
      api_.PatchPodStatus({.namespace_ = victim.namespace_,
                           .name = victim.name,
                           .uid = victim.uid,
                           .condition = kube::PodCondition{.type = "DisruptionTarget",
                                                           .status = "True",
                                                           .reason = "PreemptionByScheduler",
                                                           .message = entry.effect.message},
                           .transition_time = loop_.Now().wall,
                           .nominated_node_name = std::nullopt},
                          on_answer);
}

void Evictor::OnAnswer(std::uint64_t id, const kube::ApiFailure* failure) {
  Entry& entry = in_flight_.at(id);
  entry.call = 0;
  if (failure == nullptr) {
    if (entry.marked) return Finish(id, EvictReply::Outcome::kEvicted);
    entry.marked = true;
    entry.tries = 0;
    return Send(id);
  }
  if (failure->IsHttp(404)) {
    return Finish(id,
                  entry.maybe_deleted ? EvictReply::Outcome::kEvicted : EvictReply::Outcome::kGone);
  }
  if (entry.marked && failure->maybe_done()) entry.maybe_deleted = true;
  const bool again = failure->kind == kube::ApiFailure::Kind::kNotSent || failure->maybe_done();
  if (!again || entry.tries >= kMaxTries) {
    return Finish(id, EvictReply::Outcome::kFailed, std::string(failure->status.message()));
  }
  entry.timer = loop_.RunAfter(entry.backoff.Next(loop_.Now().mono), [this, id] { Send(id); });
}

void Evictor::Finish(std::uint64_t id, EvictReply::Outcome outcome, std::string message) {
  auto node = in_flight_.extract(id);
  EvictEffect& effect = node.mapped().effect;
  Fill();
  metrics_.evictions.Add({OutcomeName(outcome)});
  const std::string victim = absl::StrCat(effect.victim.namespace_, "/", effect.victim.name);
  const std::string pod = absl::StrCat(effect.preemptor.namespace_, "/", effect.preemptor.name);
  switch (outcome) {
    case EvictReply::Outcome::kEvicted:
      LogInfo(kLogDecisions, "Evicted", {{"victim", victim}, {"pod", pod}});
      break;
    case EvictReply::Outcome::kGone:
      LogInfo(kLogDecisions, "Gone before it was evicted", {{"victim", victim}, {"pod", pod}});
      break;
    case EvictReply::Outcome::kFailed:
      LogWarning("Eviction failed, the pod that wants the room is tried again",
                 {{"victim", victim}, {"pod", pod}, {"err", message}});
      break;
  }
  on_reply_({std::move(effect.victim), std::move(effect.preemptor), outcome, std::move(message)});
}

}  // namespace heat_scheduler
