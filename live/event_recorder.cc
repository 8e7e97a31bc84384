#include "live/event_recorder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/utf8.h"

namespace heat_scheduler {
namespace {

// Limits of the API: validation of events.k8s.io/v1 (core/validation/events.go).
constexpr std::size_t kMaxInstanceBytes = 128;
constexpr std::size_t kMaxNameBytes = 253;
constexpr std::size_t kSuffixBytes = 17;  // "." and 16 hexadecimal digits.

kube::ObjectReference ReferenceTo(const PodRef& pod) {
  return {.kind = "Pod",
          .api_version = "v1",
          .namespace_ = pod.namespace_,
          .name = pod.name,
          .uid = pod.uid,
          .resource_version = ""};
}

// Returns the pod's name, cut where a suffix makes a name of an event out of it: a part of a name
// ends in a letter or digit.
std::string Stem(const std::string& name) {
  if (name.size() <= kMaxNameBytes - kSuffixBytes) return name;
  return name.substr(0, name.find_last_not_of("-.", kMaxNameBytes - kSuffixBytes - 1) + 1);
}

// What makes two events repeats of one another. The parts cannot hold a NUL.
std::string SeriesKey(const Occurrence& what) {
  const std::string nul(1, '\0');
  return absl::StrCat(what.regarding.uid, nul, what.type, nul, what.reason, nul, what.action, nul,
                      what.controller, nul, what.note);
}

}  // namespace

EventRecorder::EventRecorder(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics,
                             std::string hostname, std::size_t max_in_flight, std::uint64_t seed)
    : loop_(loop),
      api_(api),
      metrics_(metrics),
      hostname_(std::move(hostname)),
      max_in_flight_(max_in_flight),
      random_(seed) {}

EventRecorder::~EventRecorder() {
  loop_.Cancel(sweep_timer_);
  for (const auto& [id, job] : in_flight_) {
    api_.Cancel(job.call);
    loop_.Cancel(job.timer);
  }
}

void EventRecorder::Record(const EventEffect& effect) {
  Occurrence what{.regarding = ReferenceTo(effect.pod),
                  .related = std::nullopt,
                  .type = effect.type,
                  .reason = effect.reason,
                  .action = effect.action,
                  .note = effect.note,
                  .controller = effect.scheduler_name};
  if (effect.related.has_value()) what.related = ReferenceTo(*effect.related);
  Record(what);
}

void EventRecorder::Record(const Occurrence& what) {
  const Instant now = loop_.Now();
  const std::string key = SeriesKey(what);
  Series& series = series_[key];
  const bool repeat = !series.name.empty() && now.mono - series.last_seen < kSeriesEnd;
  series.last_seen = now.mono;
  series.last_seen_wall = now.wall;
  if (repeat) {
    ++series.count;
    metrics_.events.Add({"aggregated"});
    WriteSeries(key, series);
    return;
  }
  series.name.clear();
  kube::Event event = MakeEvent(what, now);
  const std::string name = event.metadata.name;
  if (!TakeToken(what.regarding.uid, now.mono) || !Enqueue(std::move(event), key)) {
    metrics_.events.Add({"dropped"});
    return;
  }
  series.namespace_ = what.regarding.namespace_;
  series.name = name;
  series.count = 1;
  series.written_count = 0;
  series.last_written = -absl::InfiniteDuration();
  series.writing = true;
  Fill();
}

bool EventRecorder::TakeToken(const std::string& uid, absl::Duration now) {
  Bucket& bucket = buckets_[uid];
  if (bucket.filled_at > -absl::InfiniteDuration()) {
    const double refilled = absl::FDivDuration(now - bucket.filled_at, kRefill);
    bucket.tokens = std::min<double>(kBurst, bucket.tokens + refilled);
  }
  bucket.filled_at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

kube::Event EventRecorder::MakeEvent(const Occurrence& what, Instant now) {
  kube::Event event;
  event.metadata.namespace_ = what.regarding.namespace_;
  event.metadata.name = absl::StrFormat("%s.%016x", Stem(what.regarding.name), random_.Bits());
  event.regarding = what.regarding;
  event.related = what.related;
  event.type = what.type;
  event.reason = what.reason;
  event.action = what.action;
  event.note = what.note;
  event.reporting_controller = what.controller;
  event.reporting_instance =
      Utf8Prefix(absl::StrCat(what.controller, "-", hostname_), kMaxInstanceBytes);
  event.event_time = now.wall;
  return event;
}

void EventRecorder::WriteSeries(const std::string& key, Series& series) {
  const bool due =
      series.written_count < 2 || loop_.Now().mono - series.last_written >= kSeriesInterval;
  if (series.writing || !due) {
    unwritten_.insert(key);
    if (sweep_timer_ == 0) {
      sweep_timer_ = loop_.RunAfter(kSeriesInterval, [this] { Sweep(); });
    }
    return;
  }
  unwritten_.erase(key);
  kube::Event event;
  event.metadata.namespace_ = series.namespace_;
  event.metadata.name = series.name;
  event.series_count = series.count;
  event.series_last_observed_time = series.last_seen_wall;
  if (Enqueue(std::move(event), key)) {
    series.writing = true;
    Fill();
  }
}

void EventRecorder::Sweep() {
  sweep_timer_ = 0;
  for (const std::string& key : std::exchange(unwritten_, {})) {
    Series* series = series_.Find(key);
    if (series != nullptr && !series->name.empty()) WriteSeries(key, *series);
  }
}

bool EventRecorder::Enqueue(kube::Event event, const std::string& key) {
  if (queue_.size() >= kMaxQueued) return false;
  queue_.emplace_back(std::move(event), key);
  return true;
}

void EventRecorder::Fill() {
  while (!queue_.empty() && in_flight_.size() < max_in_flight_) {
    const std::uint64_t id = ++last_id_;
    auto [event, key] = std::move(queue_.front());
    queue_.pop_front();
    in_flight_.try_emplace(id, std::move(event), std::move(key), random_);
    Send(id);
  }
}

void EventRecorder::Send(std::uint64_t id) {
  Job& job = in_flight_.at(id);
  ++job.tries;
  auto on_answer = [this, id](const kube::ApiResult<kube::Accepted>& result) {
    OnAnswer(id, result);
  };
  const kube::Event& event = job.event;
  job.call =
      event.series_count == 0
          ? api_.CreateEvent(event, on_answer)
          : api_.PatchEventSeries(event.metadata.namespace_, event.metadata.name,
                                  event.series_count, *event.series_last_observed_time, on_answer);
}

void EventRecorder::OnAnswer(std::uint64_t id, const kube::ApiResult<kube::Accepted>& result) {
  if (result.ok()) return Finish(id, true);
  Job& job = in_flight_.at(id);
  const kube::ApiFailure& failure = result.failure();
  // It exists: an earlier try of ours, whose reply was lost.
  if (failure.IsHttp(409) && job.tries > 1) return Finish(id, true);
  const bool again = failure.kind == kube::ApiFailure::Kind::kNotSent || failure.maybe_done();
  if (again && job.tries < kMaxTries) {
    job.timer = loop_.RunAfter(job.backoff.Next(loop_.Now().mono), [this, id] { Send(id); });
    return;
  }
  metrics_.events.Add({again ? "dropped" : "refused"});
  if (throttle_.Allow(loop_.Now().mono)) {
    LogWarning(
        "An event could not be written",
        {{"event", absl::StrCat(job.event.metadata.namespace_, "/", job.event.metadata.name)},
         {"err", std::string(failure.status.message())}});
  }
  Finish(id, false);
}

void EventRecorder::Finish(std::uint64_t id, bool written) {
  const auto node = in_flight_.extract(id);
  const Job& job = node.mapped();
  if (written) metrics_.events.Add({"written"});
  Series* series = series_.Find(job.series_key);
  if (series != nullptr && series->name == job.event.metadata.name) {
    series->writing = false;
    if (written) {
      series->written_count = std::max(1, job.event.series_count);
      series->last_written = loop_.Now().mono;
      if (series->count > series->written_count) WriteSeries(job.series_key, *series);
    } else {
      // The next occurrence makes a new event.
      series->name.clear();
    }
  }
  Fill();
}

}  // namespace heat_scheduler
