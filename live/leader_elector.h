// Leader election by a Lease: of several replicas one leads, the others wait with full caches.
//
//   acquiring -- the lease is free, or has not changed for its duration: written as ours -->
//   leading leading   -- renewed each retry_period; each renewal moves Leadership on by
//   renew_deadline
//             -- tried in vain for renew_deadline, or somebody else holds it ---------------> lost
//             -- Stop: the lease is released, so that another takes it at once -------------> over
//
// As client-go does it, with its record and its times: what counts is how long *we* have seen no
// change of the record, by our monotonic clock; no time that others wrote is compared with
// anything. Different, each time to the safer side:
// - Leadership counts from when the renewal was sent, not from when its answer came.
// - Leading ends at once when somebody else holds the lease, or held it since; not only when
//   renew_deadline is over.
// - A deleted lease is made anew by its leader at once, by others only once it would have run out:
//   a deletion is no release.
// - All replicas also watch the lease. It is never taken or lost by what the watch says, which only
//   has them look at once: so a released lease is taken without waiting for the next try.
// One thread. Source: k8s.io/client-go tools/leaderelection/leaderelection.go, v0.36.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "kube/client/api_client.h"
#include "kube/client/backoff.h"
#include "live/event_recorder.h"
#include "live/health.h"
#include "live/leadership.h"
#include "live/log.h"
#include "live/metrics.h"
#include "net/event_loop.h"
#include "policy/leader_election_options.h"

namespace heat_scheduler {

// What a replica brings to its election.
struct Candidate {
  std::string identity;    // "<hostname>_<uuid>": no other process may ever have it.
  std::string hostname;    // Of the events' reportingInstance.
  std::string name;        // Of the program: label of metrics, reportingController of events.
  std::uint64_t seed = 0;  // Of the jitter.
};

class LeaderElector {
 public:
  struct Callbacks {
    // It leads: called when that begins, and again each time when it was in doubt and is confirmed.
    std::function<void()> on_leading;
    // It leads no more and never will: the process is to end. Once at most, not after Stop.
    std::function<void(const absl::Status& why)> on_lost;
  };

  // Stop gives up on the release after this.
  static constexpr absl::Duration kReleaseLimit = absl::Milliseconds(900);
  // How much longer than its duration a lease of ours may go without renewal before Check fails
  // (kube-scheduler's leader health adaptor).
  static constexpr absl::Duration kUnhealthyAfter = absl::Seconds(20);

  // Borrows all but options, candidate and callbacks; the options are valid. `api` has no write
  // gate, and a connection that the scheduler's requests cannot fill.
  LeaderElector(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics,
                Leadership& leadership, LeaderElectionOptions options, Candidate candidate,
                Callbacks callbacks);
  // As a crash: nothing is sent or called back any more, and the lease stays as it is.
  ~LeaderElector();
  LeaderElector(const LeaderElector&) = delete;
  LeaderElector& operator=(const LeaderElector&) = delete;

  // Tries to take the lease from now on. Once.
  void Start();

  // Leads no more and tries no more; releases the lease if it was ours, and calls `done` from the
  // loop, after kReleaseLimit at the latest. Whatever the leader set going must be over by then.
  // Once.
  void Stop(std::function<void()> done);

  // Returns true from the first on_leading until it is lost or stopped.
  bool leading() const { return phase_ == Phase::kLeading; }

  // Returns the check "leaderElection": not ok while it leads without having renewed for long.
  HealthCheck Check() const;

 private:
  enum class Phase { kIdle, kAcquiring, kLeading, kStopping, kOver };
  // The part of a lease that says who leads (client-go's LeaderElectionRecord).
  struct Record {
    std::string holder;
    std::int32_t duration_seconds = 0;
    std::int32_t transitions = 0;
    std::optional<absl::Time> acquired;
    std::optional<absl::Time> renewed;
    bool operator==(const Record&) const = default;
  };

  using LeaseResult = kube::ApiResult<kube::Ref<kube::Lease>>;
  enum class Trouble { kNo, kYes };  // Whether a person should hear of it.

  static Record RecordOf(const kube::Lease& lease);

  // ---- One try: looks at the lease, unless we lead, and writes it as ours if that is allowed ----
  void Try();
  void Fetch();
  void OnFetched(const LeaseResult& result);
  void OnMissing();
  // Writes the lease, a new one unless it has a resourceVersion; ours since `acquired`, or now.
  void Take(kube::Lease lease, std::int32_t transitions, std::optional<absl::Time> acquired);
  void OnTaken(absl::Duration sent, const LeaseResult& result);
  void Succeed(absl::Duration sent);
  void Fail(std::string why, Trouble trouble);
  void Observe(const Record& record, absl::Duration at);
  // Returns until when (monotonic) the record that was last observed has to be respected.
  absl::Duration ObservedEnd() const;

  // ---- Between tries ----
  void TryAfter(absl::Duration delay);
  // Tries now, or once more after the try that is under way.
  void LookNow();
  // A leader's tries that fail follow each other in a round, which ends by renew_deadline.
  void BeginTry();
  void Lose(std::string why);
  void StopTrying();

  // ---- The watch ----
  void StartWatch();
  void OnWatchEvent(const kube::WatchEvent& event);
  void OnWatchEnd(const kube::WatchEnd& end);

  // ---- The release ----
  void Release(kube::Lease lease, bool again);
  void OnReleased(const LeaseResult& result, bool again);
  void AwaitEvent();
  void FinishStop();

  void RecordEvent(const std::string& what);
  std::string LockName() const;
  absl::Duration Now() const { return loop_.Now().mono; }
  kube::CallOptions Call() const;

  net::EventLoop& loop_;
  kube::ApiClient& api_;
  Metrics& metrics_;
  Leadership& leadership_;
  const LeaderElectionOptions options_;
  const Candidate candidate_;
  const Callbacks callbacks_;
  Random random_;
  LogThrottle throttle_;
  LogThrottle watch_throttle_;
  EventRecorder events_;

  Phase phase_ = Phase::kIdle;
  kube::Ref<kube::Lease> lease_;  // As the API server last returned it; null: none was seen.
  Record observed_;
  absl::Duration observed_at_ = -absl::InfiniteDuration();

  kube::CallId call_ = 0;  // Of the try under way.
  bool trying_ = false;
  bool optimistic_ = false;  // It writes without having looked.
  bool look_again_ = false;  // The watch told of a change meanwhile.
  absl::Duration tried_at_ = absl::ZeroDuration();
  net::TimerId try_timer_ = 0;
  net::TimerId round_timer_ = 0;  // When the round of renewals has failed.
  std::string last_failure_;

  kube::Backoff watch_backoff_;
  kube::CallId watch_ = 0;
  net::TimerId watch_timer_ = 0;

  std::function<void()> stopped_;
  net::TimerId stop_timer_ = 0;
};

}  // namespace heat_scheduler
