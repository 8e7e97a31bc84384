// Makes pods leave for more important ones: writes the condition DisruptionTarget, then deletes.
//
// Both steps are harmless when done twice, and name the pod by UID, so that whatever ends without
// an answer is simply tried again, kMaxTries times. A pod that is not found has left: by us, if a
// deletion was sent that was not answered, else by itself. One of another UID is none of ours, and
// the eviction fails: the watch has yet to show that the victim was replaced. A victim that shows
// the condition already is deleted only. The pod's own grace period and its kubelet decide when it
// ends. One thread.
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

class Evictor {
 public:
  using OnReply = std::function<void(EvictReply reply)>;

  static constexpr int kMaxTries = 5;
  static constexpr std::size_t kMaxInFlight = 20;

  // Borrows all but the function, which is called once for each eviction, never inside Evict.
  Evictor(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics, std::uint64_t seed,
          OnReply on_reply);
  // Drops everything: nothing is called back any more.
  ~Evictor();
  Evictor(const Evictor&) = delete;
  Evictor& operator=(const Evictor&) = delete;

  // Has the pod evicted, in its turn.
  void Evict(EvictEffect effect);

  // Forgets the evictions that were not begun yet, with no reply for them.
  void DropWaiting() { waiting_.clear(); }

  // Returns the evictions that are under way or wait.
  std::size_t pending() const { return waiting_.size() + in_flight_.size(); }

 private:
  struct Entry {
    Entry(EvictEffect evict_effect, Random& random)
        : effect(std::move(evict_effect)), backoff(random), marked(effect.marked) {}
    EvictEffect effect;
    kube::Backoff backoff;
    bool marked = false;         // The condition is written.
    bool maybe_deleted = false;  // A deletion was sent, and what came of it is not known.
    int tries = 0;               // Of the step at hand.
    kube::CallId call = 0;
    net::TimerId timer = 0;
  };

  void Fill();
  void Send(std::uint64_t id);
  // `failure` is null if the step was done.
  void OnAnswer(std::uint64_t id, const kube::ApiFailure* failure);
  void Finish(std::uint64_t id, EvictReply::Outcome outcome, std::string message = "");

  net::EventLoop& loop_;
  kube::ApiClient& api_;
  Metrics& metrics_;
  Random random_;
  const OnReply on_reply_;
  std::uint64_t last_id_ = 0;
  std::deque<EvictEffect> waiting_;
  std::map<std::uint64_t, Entry> in_flight_;
};

}  // namespace heat_scheduler
