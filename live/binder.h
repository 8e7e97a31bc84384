// Sends bindings and finds out what became of each, however the reply goes missing.
//
//   waiting -- the pod does not fit its node any more -----------> failed
//      '---> posting -- accepted ------------------------------> bound
//                 |--- 403, 422, other 4xx, 429 to the end ------> failed
//                 |--- not sent: again after a pause, kMaxUnsent times, then failed
//                 '--- outcome unknown, 404, 409 --> looking up (until the API server answers)
//   looking up -- on our node -> bound; on another -> bound elsewhere; gone, deleted, or another
//   pod by that name -> pod gone; on none -> failed if the server had refused, else posted again.
//
// A binding of unknown outcome is posted again to the same node, never given up: the first request
// may still arrive, and until a reply says otherwise its pod keeps its room. Posting twice is
// harmless: the UID is a precondition and a bound pod refuses a second binding. For the same reason
// a refusal that comes after a post of unknown outcome counts only once that post cannot be carried
// out any more, kServerDeadline later, and the pod was looked up since.
//
// A binding that is left to an extender is looked up whatever it says, so that a pod that it has
// not bound is not taken for one that is. If an ignorable one fails, the binding is posted. One
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "base/random.h"
#include "extender/client/caller.h"
#include "kube/client/api_client.h"
#include "kube/client/backoff.h"
#include "live/metrics.h"
#include "net/event_loop.h"
#include "scheduler/core/scheduler.h"
#include "scheduler/framework/effects.h"

namespace heat_scheduler {

class Binder {
 public:
  using OnReply = std::function<void(BindReply reply)>;
  // Returns why a binding must not be sent (any more), or nothing.
  using Objection = std::function<std::string(const BindEffect& effect)>;

  // A binding that surely never reached the server is sent so many times before it fails.
  static constexpr int kMaxUnsent = 5;
  // The API server does nothing any more for a request that is older (kube-apiserver's
  // --request-timeout, 1 minute by default).
  static constexpr absl::Duration kServerDeadline = absl::Minutes(1);

  // Borrows all but the functions. `extenders` bind what is left to them; null if nothing is; they
  // call nobody back any more once this is gone. `objection` is asked just before a binding is
  // first sent; `on_reply` is called once for each binding, for one that met an objection inside
  // Bind.
  Binder(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics, std::size_t max_in_flight,
         std::uint64_t seed, ExtenderCaller* extenders, Objection objection, OnReply on_reply);
  // Drops everything: nothing is called back any more.
  ~Binder();
  Binder(const Binder&) = delete;
  Binder& operator=(const Binder&) = delete;

  // Sends the binding, or puts it in line behind those in flight.
  void Bind(BindEffect effect);

  // Forgets the bindings that were not sent yet, with no reply for them.
  void DropWaiting();

  // Returns the bindings whose outcome is not known, sent or not.
  std::size_t pending() const { return waiting_.size() + in_flight_.size(); }

 private:
  struct Entry {
    Entry(BindEffect bind_effect, Random& random)
        : effect(std::move(bind_effect)), backoff(random) {}
    BindEffect effect;
    kube::Backoff backoff;
    int unsent = 0;
    std::string refusal;  // What the server said, when it refused and the pod is looked up.
    // Until then a post of unknown outcome may be carried out.
    absl::Duration settled_at = -absl::InfiniteDuration();
    bool look_is_final = false;  // The look-up under way was sent after that.
    kube::CallId call = 0;
    net::TimerId timer = 0;
  };

  void Fill();
  void Post(std::uint64_t id);
  void OnExtenderAnswer(std::uint64_t id, const absl::Status& status);
  void OnPosted(std::uint64_t id, const kube::ApiResult<kube::Accepted>& result);
  // The server surely did not carry out the latest post.
  void OnRefused(std::uint64_t id, std::string message);
  void LookUp(std::uint64_t id);
  void OnLookedUp(std::uint64_t id, const kube::ApiResult<kube::Object>& result);
  void AfterPause(std::uint64_t id, void (Binder::*next)(std::uint64_t));
  void Finish(std::uint64_t id, BindReply::Outcome outcome, std::string message = {});
  void Answer(BindEffect effect, BindReply::Outcome outcome, std::string message);
  void CountPending();

  net::EventLoop& loop_;
  kube::ApiClient& api_;
  Metrics& metrics_;
  const std::size_t max_in_flight_;
  Random random_;
  ExtenderCaller* const extenders_;
  const Objection objection_;
  const OnReply on_reply_;
  std::uint64_t last_id_ = 0;
  std::deque<BindEffect> waiting_;
  std::map<std::uint64_t, Entry> in_flight_;
};

}  // namespace heat_scheduler
