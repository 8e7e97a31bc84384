#include "live/binder.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "live/log.h"

namespace heat_scheduler {
namespace {

using Outcome = BindReply::Outcome;

const char* OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kBound:
      return "bound";
    case Outcome::kBoundElsewhere:
      return "bound_elsewhere";
    case Outcome::kPodGone:
      return "pod_gone";
    case Outcome::kFailed:
      return "failed";
  }
  return "";
}

}  // namespace

Binder::Binder(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics,
               std::size_t max_in_flight, std::uint64_t seed, ExtenderCaller* extenders,
               Objection objection, OnReply on_reply)
    : loop_(loop),
      api_(api),
      metrics_(metrics),
      max_in_flight_(max_in_flight),
      random_(seed),
      extenders_(extenders),
      objection_(std::move(objection)),
      on_reply_(std::move(on_reply)) {}

Binder::~Binder() {
  for (const auto& [id, entry] : in_flight_) {
    api_.Cancel(entry.call);
    loop_.Cancel(entry.timer);
  }
}

void Binder::Bind(BindEffect effect) {
  waiting_.push_back(std::move(effect));
  Fill();
}

void Binder::DropWaiting() {
  waiting_.clear();
  CountPending();
}

void Binder::Fill() {
  while (!waiting_.empty() && in_flight_.size() < max_in_flight_) {
    BindEffect effect = std::move(waiting_.front());
    waiting_.pop_front();
    const std::string objection = objection_(effect);
    if (!objection.empty()) {
      Answer(std::move(effect), Outcome::kFailed, objection);
      continue;
    }
    const std::uint64_t id = ++last_id_;
    in_flight_.try_emplace(id, std::move(effect), random_);
    Post(id);
  }
  CountPending();
}

void Binder::Post(std::uint64_t id) {
  Entry& entry = in_flight_.at(id);
  entry.refusal.clear();
  if (entry.effect.extender.has_value()) {
    return extenders_->Bind(
        entry.effect, [this, id](const absl::Status& status) { OnExtenderAnswer(id, status); });
  }
  kube::Binding binding;
  binding.metadata.namespace_ = entry.effect.pod.namespace_;
  binding.metadata.name = entry.effect.pod.name;
  binding.metadata.uid = entry.effect.pod.uid;
  binding.target_node = entry.effect.node;
  entry.call = api_.BindPod(
      binding, [this, id](const kube::ApiResult<kube::Accepted>& result) { OnPosted(id, result); });
}

void Binder::OnExtenderAnswer(std::uint64_t id, const absl::Status& status) {
  Entry& entry = in_flight_.at(id);
  if (status.ok()) {
    entry.refusal = "the extender says that it has bound the pod, which is on no node";
    return LookUp(id);
  }
  if (extenders_->IsIgnorable(*entry.effect.extender)) {
    entry.effect.extender.reset();
    return Post(id);
  }
  if (absl::IsAborted(status) || absl::IsDeadlineExceeded(status)) {
    metrics_.bind_outcomes_unknown.Add({});
    entry.settled_at = loop_.Now().mono + kServerDeadline;
  }
  entry.refusal = std::string(status.message());
  LookUp(id);
}

void Binder::OnPosted(std::uint64_t id, const kube::ApiResult<kube::Accepted>& result) {
  if (result.ok()) return Finish(id, Outcome::kBound);
  Entry& entry = in_flight_.at(id);
  const kube::ApiFailure& failure = result.failure();
  const std::string message(failure.status.message());
  if (failure.kind == kube::ApiFailure::Kind::kNotSent) {
    if (++entry.unsent >= kMaxUnsent) return OnRefused(id, message);
    return AfterPause(id, &Binder::Post);
  }
  if (failure.maybe_done()) {
    metrics_.bind_outcomes_unknown.Add({});
    entry.settled_at = loop_.Now().mono + kServerDeadline;
    LogInfo(kLogDecisions, "Binding without an answer, looking the pod up",
            {{"pod", absl::StrCat(entry.effect.pod.namespace_, "/", entry.effect.pod.name)},
             {"node", entry.effect.node},
             {"err", message}});
    return LookUp(id);
  }
  if (failure.IsHttp(404) || failure.IsHttp(409)) {
    entry.refusal = message;
    return LookUp(id);
  }
  OnRefused(id, message);
}

void Binder::OnRefused(std::uint64_t id, std::string message) {
  Entry& entry = in_flight_.at(id);
  if (entry.settled_at == -absl::InfiniteDuration()) {
    return Finish(id, Outcome::kFailed, std::move(message));
  }
  entry.refusal = std::move(message);
  LookUp(id);
}

void Binder::LookUp(std::uint64_t id) {
  Entry& entry = in_flight_.at(id);
  entry.look_is_final = loop_.Now().mono >= entry.settled_at;
  entry.call =
      api_.Get(kube::Kind::kPod, entry.effect.pod.namespace_, entry.effect.pod.name,
               [this, id](const kube::ApiResult<kube::Object>& result) { OnLookedUp(id, result); });
}

void Binder::OnLookedUp(std::uint64_t id, const kube::ApiResult<kube::Object>& result) {
  if (!result.ok()) {
    if (result.failure().IsHttp(404)) return Finish(id, Outcome::kPodGone);
    return AfterPause(id, &Binder::LookUp);
  }
  const Entry& entry = in_flight_.at(id);
  const kube::Pod& pod = *std::get<kube::Ref<kube::Pod>>(*result);
  if (pod.metadata.uid != entry.effect.pod.uid) return Finish(id, Outcome::kPodGone);
  if (pod.node_name == entry.effect.node) return Finish(id, Outcome::kBound);
  if (!pod.node_name.empty()) return Finish(id, Outcome::kBoundElsewhere);
  if (pod.metadata.deletion_timestamp.has_value()) return Finish(id, Outcome::kPodGone);
  if (!entry.refusal.empty() && entry.look_is_final) {
    return Finish(id, Outcome::kFailed, entry.refusal);
  }
  AfterPause(id, entry.effect.extender.has_value() ? &Binder::LookUp : &Binder::Post);
}

void Binder::AfterPause(std::uint64_t id, void (Binder::*next)(std::uint64_t)) {
  Entry& entry = in_flight_.at(id);
  entry.call = 0;
  entry.timer =
      loop_.RunAfter(entry.backoff.Next(loop_.Now().mono), [this, id, next] { (this->*next)(id); });
}

void Binder::Finish(std::uint64_t id, BindReply::Outcome outcome, std::string message) {
  auto node = in_flight_.extract(id);
  Fill();
  Answer(std::move(node.mapped().effect), outcome, std::move(message));
}

void Binder::Answer(BindEffect effect, BindReply::Outcome outcome, std::string message) {
  metrics_.bindings.Add({OutcomeName(outcome)});
  const std::string pod = absl::StrCat(effect.pod.namespace_, "/", effect.pod.name);
  if (outcome == Outcome::kFailed) {
    LogWarning("Binding failed, the pod is tried again",
               {{"pod", pod}, {"node", effect.node}, {"err", message}});
  } else {
    LogInfo(kLogDecisions, "Binding answered",
            {{"pod", pod}, {"node", effect.node}, {"outcome", OutcomeName(outcome)}});
  }
  on_reply_({std::move(effect.pod), outcome, std::move(message)});
}

void Binder::CountPending() { metrics_.bindings_pending.Set({}, static_cast<double>(pending())); }

}  // namespace heat_scheduler
