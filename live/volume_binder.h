// Writes what was decided about pods' claims to the API, and finds out whether it was done.
//
//   waiting -> writing, one after the other -- all accepted ---------------------> written
//                 |--- the pod gave up, 404, other 4xx, not sent kMaxUnsent times -> failed
//                 |--- outcome unknown: again after a pause
//                 '--- 409: the watch shows what was wanted -> done; something else -> failed;
//                           what was there before -> again after a pause
//
// The pause is 10 s at most: a pod waits for it, and the watch may show the answer any moment.
//
// Each write names the resourceVersion that it was decided on, so that it is carried out once or
// not at all, however often it is sent: what it was about has changed since, or is as it was. That
// is why the cluster state, which follows the watch, is all that has to be asked about a conflict.
// What was written stays written. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "base/random.h"
#include "kube/client/api_client.h"
#include "kube/client/backoff.h"
#include "live/metrics.h"
#include "net/event_loop.h"
#include "scheduler/core/scheduler.h"
#include "scheduler/framework/effects.h"

namespace heat_scheduler {

class VolumeBinder {
 public:
  using OnReply = std::function<void(VolumesReply reply)>;

  // A write that surely never reached the server is sent so many times before it fails.
  static constexpr int kMaxUnsent = 5;
  static constexpr std::size_t kMaxInFlight = 100;
  static constexpr absl::Duration kMaxPause = absl::Seconds(5);  // Twice that with jitter.

  // Borrows all but the function, which is called once for each Bind, at once for a pod that has
  // given up.
  VolumeBinder(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics,
               const ClusterState& cluster, std::uint64_t seed, OnReply on_reply);
  // Drops everything: nothing is called back any more.
  ~VolumeBinder();
  VolumeBinder(const VolumeBinder&) = delete;
  VolumeBinder& operator=(const VolumeBinder&) = delete;

  // Has it written, in its turn.
  void Bind(BindVolumesEffect effect);

  // Forgets what was not begun yet, with no reply for it.
  void DropWaiting() { waiting_.clear(); }

  // Returns what is under way or waits, in pods.
  std::size_t pending() const { return waiting_.size() + in_flight_.size(); }

 private:
  struct Entry {
    Entry(BindVolumesEffect bind_effect, Random& random)
        : effect(std::move(bind_effect)), backoff(random, {.max = kMaxPause}) {}
    BindVolumesEffect effect;
    std::size_t written = 0;
    kube::Backoff backoff;
    int unsent = 0;  // Of the write at hand.
    kube::CallId call = 0;
    net::TimerId timer = 0;
  };
  // What the watch shows of something that was to be written.
  enum class Shown { kAsBefore, kAsWanted, kOtherwise };

  void Fill();
  // Goes on with the next write, if there is one.
  void Write(std::uint64_t id);
  void OnAnswer(std::uint64_t id, const kube::ApiResult<kube::Accepted>& result);
  void OnDone(std::uint64_t id);
  void AfterPause(std::uint64_t id);
  Shown Look(const Entry& entry) const;
  void Finish(std::uint64_t id, std::string error);

  net::EventLoop& loop_;
  kube::ApiClient& api_;
  Metrics& metrics_;
  const ClusterState& cluster_;
  Random random_;
  const OnReply on_reply_;
  std::uint64_t last_id_ = 0;
  std::deque<BindVolumesEffect> waiting_;
  std::map<std::uint64_t, Entry> in_flight_;
};

}  // namespace heat_scheduler
