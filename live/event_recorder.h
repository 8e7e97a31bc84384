// Writes events (events.k8s.io/v1): best effort, and never in the way of a binding.
//
// - Repeats of an event (same object, type, reason, action, note) become its series: the second one
// is
//   written at once, later ones as a count once a minute at most. An event that was not repeated
//   for six minutes starts anew.
// - An object may have 25 events at once and one more each five minutes: client-go's spam filter.
// - At most kMaxQueued wait and `max_in_flight` are under way; what comes on top is dropped.
// - Each try waits for an answer; one that surely was not carried out is tried kMaxTries times.
//   The name is fixed before the first, so that a lost reply makes no second event.
// Everything is counted in heat_scheduler_events_total. One thread.
// Source: client-go tools/events (series; finishTime 6 min), tools/record/events_cache.go (filter).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "base/random.h"
#include "kube/client/api_client.h"
#include "kube/client/backoff.h"
#include "live/log.h"
#include "live/lru_map.h"
#include "live/metrics.h"
#include "net/event_loop.h"
#include "scheduler/framework/effects.h"

namespace heat_scheduler {

// What happened to an object, in the words of an event.
struct Occurrence {
  kube::ObjectReference regarding;  // With namespace, which becomes the event's, and UID.
  std::optional<kube::ObjectReference> related;  // On whose behalf.
  std::string type;                              // "Normal", "Warning".
  std::string reason;
  std::string action;
  std::string note;        // At most 1,024 bytes, which is what the API takes.
  std::string controller;  // reportingController.
};

class EventRecorder {
 public:
  static constexpr std::size_t kMaxQueued = 1000;
  static constexpr std::size_t kMaxSeries = 4096;
  static constexpr int kMaxTries = 5;
  static constexpr int kBurst = 25;
  static constexpr absl::Duration kRefill = absl::Minutes(5);
  static constexpr absl::Duration kSeriesInterval = absl::Minutes(1);
  static constexpr absl::Duration kSeriesEnd = absl::Minutes(6);

  // Borrows loop, client and metrics. `hostname` is that of reportingInstance.
  EventRecorder(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics, std::string hostname,
                std::size_t max_in_flight, std::uint64_t seed);
  // Drops everything.
  ~EventRecorder();
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  // Takes an event; what becomes of it is counted.
  void Record(const Occurrence& what);
  void Record(const EventEffect& effect);

  // Returns the writes that are under way or wait.
  std::size_t pending() const { return queue_.size() + in_flight_.size(); }

 private:
  struct Series {
    std::string namespace_;
    std::string name;       // Of the event; empty: none yet.
    int count = 0;          // Occurrences.
    int written_count = 0;  // As the API server was last told.
    absl::Duration last_seen;
    absl::Time last_seen_wall;
    absl::Duration last_written = -absl::InfiniteDuration();
    bool writing = false;  // A write for it is under way or waits: one at a time.
  };
  // Client-go's spam filter.
  struct Bucket {
    double tokens = kBurst;
    absl::Duration filled_at = -absl::InfiniteDuration();
  };
  // One write: of the event, or, with a series_count, of its series.
  struct Job {
    Job(kube::Event job_event, std::string key, Random& random)
        : event(std::move(job_event)), series_key(std::move(key)), backoff(random) {}
    kube::Event event;
    std::string series_key;
    int tries = 0;
    kube::Backoff backoff;
    kube::CallId call = 0;
    net::TimerId timer = 0;
  };

  bool TakeToken(const std::string& uid, absl::Duration now);
  kube::Event MakeEvent(const Occurrence& what, Instant now);
  // Writes the series if it is due, or sees to it that it is looked at again.
  void WriteSeries(const std::string& key, Series& series);
  void Sweep();
  bool Enqueue(kube::Event event, const std::string& key);
  void Fill();
  void Send(std::uint64_t id);
  void OnAnswer(std::uint64_t id, const kube::ApiResult<kube::Accepted>& result);
  void Finish(std::uint64_t id, bool written);

  net::EventLoop& loop_;
  kube::ApiClient& api_;
  Metrics& metrics_;
  const std::string hostname_;
  const std::size_t max_in_flight_;
  Random random_;
  LogThrottle throttle_;
  LruMap<Series> series_{kMaxSeries};   // By SeriesKey.
  LruMap<Bucket> buckets_{kMaxSeries};  // By UID.
  std::set<std::string> unwritten_;     // Keys of series that have grown since they were written.
  net::TimerId sweep_timer_ = 0;
  std::uint64_t last_id_ = 0;
  std::deque<std::pair<kube::Event, std::string>> queue_;  // With the series' keys.
  std::map<std::uint64_t, Job> in_flight_;
};

}  // namespace heat_scheduler
