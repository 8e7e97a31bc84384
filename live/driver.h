// The live driver: what the API server shows becomes the machine's inputs, what the machine wants
// done becomes requests, and replies become inputs again. It decides nothing itself.
//
//   reflectors -> ObjectChanged, ObjectGone -> Scheduler -> BindEffect      -> Binder
//   one timer  -> TimePassed                             -> PodStatusEffect -> StatusWriter
//   Binder     -> BindReply                              -> EventEffect     -> EventRecorder
//   Evictor    -> EvictReply                             -> EvictEffect     -> Evictor
//   VolumeBinder -> VolumesReply                         -> BindVolumesEffect -> VolumeBinder
//   ExtenderCaller -> ExtenderReply                      -> ExtenderEffect -> ExtenderCaller
//                                                        -> AbortedEffect   -> metrics, log
//
// No pod is decided on before every kind was listed once, and, where replicas elect a leader, while
// this one is not sure to be it; the caches are kept full meanwhile. Decisions run in batches, so
// that watches, replies and probes get their turn in between. Destroying the driver at any moment
// is what a crash is: nothing is sent and nothing is called back any more. One thread: the loop's.
// The loop, the client, the machine and the metrics outlive the driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "kube/codec.h"
#include "live/health.h"
#include "live/leadership.h"
#include "live/metrics.h"
#include "net/event_loop.h"
#include "net/http_transport.h"
#include "policy/leader_election_options.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler::kube {
class ApiClient;
}  // namespace heat_scheduler::kube

namespace heat_scheduler {

// Returns the kinds that decisions read, which the driver watches unless it is told otherwise.
std::vector<kube::Kind> SchedulingKinds();

// With it this process is one of several replicas, of which one leads.
struct Election {
  LeaderElectionOptions options;
  std::string identity;              // "<hostname>_<uuid>": no other process's, ever.
  kube::ApiClient* api = nullptr;    // For the lease alone: nothing else may be in its way.
  Leadership* leadership = nullptr;  // That of the write gate of the driver's client.
  // Leadership was lost: nothing is decided and sent any more, and the process is to end.
  std::function<void(const absl::Status& why)> on_lost;
};

struct DriverOptions {
  std::vector<kube::Kind> kinds = SchedulingKinds();
  std::string hostname = "localhost";      // Of reportingInstance, "<scheduler>-<hostname>".
  std::uint64_t seed = 0;                  // Of back-off jitter and event names.
  std::size_t max_binds_in_flight = 1000;  // Further ones wait their turn, in order.
  std::size_t max_events_in_flight = 10;
  std::size_t decisions_per_turn = 64;                 // Between two looks at the loop ...
  absl::Duration turn_budget = absl::Milliseconds(5);  // ... and no longer than this.
  absl::Duration stop_grace = absl::Seconds(4);        // For binds in flight, at Stop.
  // Nothing is written: what would be counts as done, until the API server shows otherwise.
  bool dry_run = false;
  std::optional<Election> election;  // Without, it is on its own.
  // To the servers of the machine's extenders, in their order. Borrowed.
  std::vector<net::HttpTransport*> extender_transports = {};
  std::size_t max_extender_questions = 16;  // Under way at a time; further ones wait their turn.
};

class LiveDriver {
 public:
  LiveDriver(net::EventLoop& loop, kube::ApiClient& api, Scheduler& scheduler, Metrics& metrics,
             DriverOptions options);
  ~LiveDriver();
  LiveDriver(const LiveDriver&) = delete;
  LiveDriver& operator=(const LiveDriver&) = delete;

  // Starts the reflectors and the election. Once.
  void Start();

  // Decides no more, waits for the binds in flight, for stop_grace at most, releases the lease if
  // there is one and all binds were answered, then calls `done` once, from the loop. A bind whose
  // outcome is not known by then is left to the next leader or start, which reads it from the API.
  // A second call is ignored.
  void Stop(std::function<void()> done);

  // Returns true once every kind was listed.
  bool synced() const;

  // Returns true from Stop on.
  bool stopping() const;

  // Returns the binds that were sent or wait to be sent and whose outcome is not known.
  std::size_t binds_pending() const;

  // Returns what /livez and /healthz show: "leaderElection", if there is an election.
  std::vector<HealthCheck> LiveChecks() const;

  // Returns what /readyz shows: the same, one check a kind ("informer-sync/pods"), and "shutdown".
  // A replica that stands by is ready.
  std::vector<HealthCheck> ReadyChecks() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace heat_scheduler
