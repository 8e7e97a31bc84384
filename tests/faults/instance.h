// One start of the scheduler: the live driver with its client and machine, as the program runs
// them, but for the network. Destroying it is a crash.
//
// The profile is the default one, with witnesses that say what was decided at the moment of the
// decision. One thread: the loop's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "kube/client/api_client.h"
#include "kube/codec.h"
#include "live/driver.h"
#include "live/metrics.h"
#include "net/event_loop.h"
#include "scheduler/core/scheduler.h"
#include "tests/faults/invariants.h"
#include "tests/faults/wire.h"

namespace heat_scheduler {

struct InstanceOptions {
  int number = 1;          // Which start this is.
  std::uint64_t seed = 0;  // Of the machine and the driver.
  bool all_kinds = false;  // Watches everything, not only what the workload makes.
};

class Instance {
 public:
  // Told of each decision, but for time, instance and view.
  using OnDecision = std::function<void(const PodRecord& pod, Decision decision)>;

  // Borrows loop and network.
  Instance(net::EventLoop& loop, net::HttpTransport& network, InstanceOptions options,
           OnDecision on_decision, Wire::Decisions decisions);

  void Start() { driver_->Start(); }

  int number() const { return number_; }
  Wire& wire() { return wire_; }
  const View& view() const { return wire_.view(); }
  const LiveDriver& driver() const { return *driver_; }
  const Scheduler& scheduler() const { return *scheduler_; }

  // What the checker looks at.
  QueueDump Queues(absl::Duration time) const;
  SettledDump Settled(absl::Duration time) const;

 private:
  QueuePlaces Places() const;

  const int number_;
  Wire wire_;
  std::unique_ptr<kube::Decoder> decoder_;
  kube::ApiClient api_;
  Metrics metrics_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<LiveDriver> driver_;
};

}  // namespace heat_scheduler
