// One of several schedulers with leader election, against the cluster of a LiveCluster: started,
// stopped (SIGTERM), paused (SIGSTOP), continued and killed by the test, with a wire of its own. It
// watches nodes and pods alone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cluster/kinds.h"
#include "kube/client/api_client.h"
#include "kube/codec.h"
#include "live/driver.h"
#include "live/leadership.h"
#include "live/metrics.h"
#include "scheduler/core/scheduler.h"
#include "tests/live/live_cluster.h"
#include "tests/support/pausable.h"
#include "tests/support/sim_network.h"

namespace heat_scheduler {

// Returns what the embedded API server calls leases.
const cluster::ResourceInfo& LeaseResource();

class Replica final : private FaultPolicy {
 public:
  // Starts it. `seed` is that of its network and its jitter; `name` is its identity. Asks `faults`
  // about each request that it sends, unless that is empty.
  Replica(LiveCluster& live, std::string name, std::uint64_t seed,
          LeaderElectionOptions options = {}, Faults faults = nullptr);
  // Kills it.
  ~Replica() override;

  const std::string& name() const { return name_; }
  void Pause() { process_.Pause(); }
  void Resume() { process_.Resume(); }
  // SIGTERM: has it end by itself.
  void Stop();
  // Takes the API server out of its reach, or back into it.
  void Connect(bool connected);
  void SkewWall(absl::Duration by) { process_.SkewWall(by); }

  bool leads() const { return leadership_.held(); }
  // Returns true once it has ended; `lost` then says whether by losing the lead.
  bool ended() const { return ended_; }
  const absl::Status& lost() const { return lost_; }
  double status_metric() const { return metrics_.leader_status.Get({"heat-scheduler"}); }
  LiveDriver& driver() { return *driver_; }
  Metrics& metrics() { return metrics_; }

  // Called with each binding that it sends, at that moment.
  std::function<void(const net::HttpRequest& request)> on_bind;
  // When it sent bindings (monotonic), the ones to a server out of reach included.
  const std::vector<absl::Duration>& binds() const { return binds_; }

 private:
  FaultPlan OnRequest(const net::HttpRequest& request) override;

  LiveCluster& live_;
  const std::string name_;
  const Faults faults_;
  std::vector<absl::Duration> binds_;
  bool ended_ = false;
  absl::Status lost_;

  SimTransport network_;
  PausableLoop process_;
  PausableTransport wire_;
  std::unique_ptr<kube::Decoder> decoder_ = kube::MakeJsonDecoder();
  Metrics metrics_;
  Leadership leadership_;
  kube::ApiClient api_;
  kube::ApiClient lease_api_;
  std::unique_ptr<Scheduler> machine_;
  std::unique_ptr<LiveDriver> driver_;
};

}  // namespace heat_scheduler
