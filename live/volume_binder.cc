#include "live/volume_binder.h"

#include "absl/strings/str_cat.h"
#include "kube/client/volume_patches.h"
#include "kube/storage.h"
#include "live/log.h"

namespace heat_scheduler {

VolumeBinder::VolumeBinder(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics,
                           const ClusterState& cluster, std::uint64_t seed, OnReply on_reply)
    : loop_(loop),
      api_(api),
      metrics_(metrics),
      cluster_(cluster),
      random_(seed),
      on_reply_(std::move(on_reply)) {}

VolumeBinder::~VolumeBinder() {
  for (const auto& [id, entry] : in_flight_) {
    api_.Cancel(entry.call);
    loop_.Cancel(entry.timer);
  }
}

void VolumeBinder::Bind(BindVolumesEffect effect) {
  waiting_.push_back(std::move(effect));
  Fill();
}

void VolumeBinder::Fill() {
  while (!waiting_.empty() && in_flight_.size() < kMaxInFlight) {
    const std::uint64_t id = ++last_id_;
    in_flight_.try_emplace(id, std::move(waiting_.front()), random_);
    waiting_.pop_front();
    Write(id);
  }
}

void VolumeBinder::Write(std::uint64_t id) {
  Entry& entry = in_flight_.at(id);
  entry.timer = 0;
  if (entry.written == entry.effect.writes.size()) return Finish(id, "");
  if (!cluster_.assumed_volumes().IsWanted(entry.effect.ticket)) {
    return Finish(id, "not written: the pod has given up");
  }
  const ClaimChoice& write = entry.effect.writes[entry.written];
  const auto on_answer = [this, id](const kube::ApiResult<kube::Accepted>& result) {
    OnAnswer(id, result);
  };
  if (write.volume.empty()) {
    entry.call = api_.PatchClaim({.namespace_ = write.claim.namespace_,
                                  .name = write.claim.name,
                                  .resource_version = write.claim.resource_version,
                                  .selected_node = entry.effect.node},
                                 on_answer);
    return;
  }
  entry.call = api_.PatchVolume({.volume = write.volume,
                                 .resource_version = write.volume_version,
                                 .claim = write.claim,
                                 .by_controller = !write.set_aside_by_user},
                                on_answer);
}

void VolumeBinder::OnAnswer(std::uint64_t id, const kube::ApiResult<kube::Accepted>& result) {
  Entry& entry = in_flight_.at(id);
  entry.call = 0;
  if (result.ok()) return OnDone(id);
  const kube::ApiFailure& failure = result.failure();
  std::string message(failure.status.message());
  if (failure.kind == kube::ApiFailure::Kind::kNotSent) {
    if (++entry.unsent >= kMaxUnsent) return Finish(id, std::move(message));
    return AfterPause(id);
  }
  if (failure.maybe_done()) return AfterPause(id);
  if (!failure.IsHttp(409)) return Finish(id, std::move(message));
  switch (Look(entry)) {
    case Shown::kAsBefore:
      return AfterPause(id);
    case Shown::kAsWanted:
      return OnDone(id);
    case Shown::kOtherwise:
      return Finish(id, std::move(message));
  }
}

void VolumeBinder::OnDone(std::uint64_t id) {
  Entry& entry = in_flight_.at(id);
  ++entry.written;
  entry.unsent = 0;
  Write(id);
}

void VolumeBinder::AfterPause(std::uint64_t id) {
  Entry& entry = in_flight_.at(id);
  entry.timer = loop_.RunAfter(entry.backoff.Next(loop_.Now().mono), [this, id] { Write(id); });
}

VolumeBinder::Shown VolumeBinder::Look(const Entry& entry) const {
  const ClaimChoice& write = entry.effect.writes[entry.written];
  const ClusterObjects& objects = cluster_.objects();
  const auto* claim = objects.Find<kube::PersistentVolumeClaim>(
      absl::StrCat(write.claim.namespace_, "/", write.claim.name));
  if (claim == nullptr || claim->metadata.uid != write.claim.uid) return Shown::kOtherwise;
  if (write.volume.empty()) {
    if (claim->metadata.resource_version == write.claim.resource_version) return Shown::kAsBefore;
    const auto selected = claim->metadata.annotations.find(kube::kSelectedNodeAnnotation);
    const bool wanted =
        selected != claim->metadata.annotations.end() && selected->second == entry.effect.node;
    return wanted ? Shown::kAsWanted : Shown::kOtherwise;
  }
  const auto* volume = objects.Find<kube::PersistentVolume>(write.volume);
  if (volume == nullptr) return Shown::kOtherwise;
  if (volume->metadata.resource_version == write.volume_version) return Shown::kAsBefore;
  const bool wanted =
      volume->claim_uid == write.claim.uid &&
      RefersTo({volume->claim_namespace, volume->claim_name, volume->claim_uid}, *claim);
  return wanted ? Shown::kAsWanted : Shown::kOtherwise;
}

void VolumeBinder::Finish(std::uint64_t id, std::string error) {
  auto node = in_flight_.extract(id);
  const Entry& entry = node.mapped();
  const BindVolumesEffect& effect = entry.effect;
  Fill();
  const bool failed = !error.empty();
  metrics_.volume_writes.Add({failed ? "failed" : "written"});
  const std::string pod = absl::StrCat(effect.pod.namespace_, "/", effect.pod.name);
  if (failed) {
    LogWarning("Claims of a pod could not be bound, the pod is tried again",
               {{"pod", pod}, {"node", effect.node}, {"err", error}});
  } else {
    LogInfo(kLogDecisions, "Wrote what the claims of a pod get",
            {{"pod", pod}, {"node", effect.node}, {"claims", effect.writes.size()}});
  }
  on_reply_({effect.pod, effect.ticket,
             failed ? VolumesReply::Outcome::kFailed : VolumesReply::Outcome::kWritten,
             entry.written, std::move(error)});
}

}  // namespace heat_scheduler
