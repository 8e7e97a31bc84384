#include "live/status_writer.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace heat_scheduler {
namespace {

// Shorter than that of other calls: a binding may wait for it.
constexpr absl::Duration kTimeout = absl::Seconds(10);

// Returns true if another try may do better: the server was away, or not itself.
bool WorthAnotherTry(const kube::ApiFailure& failure) {
  return failure.kind == kube::ApiFailure::Kind::kNotSent || failure.maybe_done();
}

}  // namespace

StatusWriter::StatusWriter(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics,
                           std::uint64_t seed)
    : loop_(loop), api_(api), metrics_(metrics), random_(seed) {}

StatusWriter::~StatusWriter() {
  for (const auto& [uid, entry] : pods_) {
    api_.Cancel(entry.call);
    loop_.Cancel(entry.timer);
  }
}

void StatusWriter::Write(kube::PodStatusPatch patch) {
  const std::string uid = patch.uid;
  Entry& entry = pods_.try_emplace(uid, random_).first->second;
  if (entry.next.has_value()) {
    metrics_.status_patches.Add({"replaced"});
    // What the earlier one said of condition or nomination holds unless this one says more.
    if (!patch.nominated_node_name.has_value()) {
      patch.nominated_node_name = entry.next->nominated_node_name;
    }
    if (!patch.condition.has_value()) {
      patch.condition = entry.next->condition;
      patch.transition_time = entry.next->transition_time;
    }
  }
  entry.next = std::move(patch);
  entry.tries = 0;
  if (!entry.in_flight && entry.timer == 0) PutInLine(uid, entry);
  Fill();
}

void StatusWriter::Forget(const std::string& uid, std::function<void()> then) {
  const auto found = pods_.find(uid);
  if (found == pods_.end()) return then();
  Entry& entry = found->second;
  entry.next.reset();
  if (entry.in_flight) {
    entry.then = std::move(then);
    return;
  }
  loop_.Cancel(entry.timer);
  pods_.erase(found);
  then();
}

void StatusWriter::PutInLine(const std::string& uid, Entry& entry) {
  if (entry.in_line) return;
  entry.in_line = true;
  line_.push_back(uid);
}

void StatusWriter::Fill() {
  while (!line_.empty() && in_flight_ < kMaxInFlight) {
    const std::string uid = std::move(line_.front());
    line_.pop_front();
    const auto found = pods_.find(uid);
    // Forgotten in the meantime, or forgotten and written again, which put it in line again.
    if (found == pods_.end() || !found->second.in_line) continue;
    found->second.in_line = false;
    Send(uid, found->second);
  }
}

void StatusWriter::Send(const std::string& uid, Entry& entry) {
  kube::PodStatusPatch patch = *std::move(entry.next);
  entry.next.reset();
  entry.in_flight = true;
  ++entry.tries;
  ++in_flight_;
  entry.call =
      api_.PatchPodStatus(patch,
                          [this, uid, patch](const kube::ApiResult<kube::Ref<kube::Pod>>& result) {
                            OnAnswer(uid, patch, result);
                          },
                          {.timeout = kTimeout});
}

void StatusWriter::OnAnswer(const std::string& uid, kube::PodStatusPatch patch,
                            const kube::ApiResult<kube::Ref<kube::Pod>>& result) {
  Entry& entry = pods_.at(uid);
  entry.in_flight = false;
  --in_flight_;
  if (result.ok()) {
    metrics_.status_patches.Add({"written"});
    entry.tries = 0;
  } else if (!WorthAnotherTry(result.failure())) {
    metrics_.status_patches.Add({"refused"});
    // A pod that is gone, or another one by that name, needs no status.
    const bool gone = result.failure().IsHttp(404) || result.failure().IsHttp(409);
    if (!gone && throttle_.Allow(loop_.Now().mono)) {
      LogWarning("The status of a pod could not be written",
                 {{"pod", absl::StrCat(patch.namespace_, "/", patch.name)},
                  {"err", std::string(result.failure().status.message())}});
    }
  } else if (entry.tries >= kMaxTries || entry.then) {
    metrics_.status_patches.Add({"dropped"});
  } else if (!entry.next.has_value()) {
    entry.next = std::move(patch);
    entry.timer = loop_.RunAfter(entry.backoff.Next(loop_.Now().mono), [this, uid] {
      Entry& waiting = pods_.at(uid);
      waiting.timer = 0;
      PutInLine(uid, waiting);
      Fill();
    });
  }
  GoOn(uid);
}

void StatusWriter::GoOn(const std::string& uid) {
  const auto found = pods_.find(uid);
  Entry& entry = found->second;
  if (!entry.next.has_value()) {
    const std::function<void()> then = std::move(entry.then);
    pods_.erase(found);
    if (then) then();
  } else if (entry.timer == 0) {
    PutInLine(uid, entry);
  }
  Fill();
}

}  // namespace heat_scheduler
