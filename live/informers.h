// The reflectors of all kinds that decisions read, and what is known of their state.
//
// Every kind has to be listed before the first decision: with one missing, a decision would take
// what it does not see for what is not there. A kind that may not be listed (no permission, not
// served) keeps the scheduler not ready; log and /readyz say which, and what to do. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "kube/client/api_client.h"
#include "kube/client/reflector.h"
#include "kube/codec.h"
#include "live/health.h"
#include "live/metrics.h"
#include "net/event_loop.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler {

class Informers {
 public:
  using OnInput = std::function<void(const MachineInput& input)>;

  // Borrows loop, client and metrics. `on_input` gets what changed, from the loop; `on_synced` is
  // called once, when the last kind was listed.
  Informers(net::EventLoop& loop, kube::ApiClient& api, Metrics& metrics,
            const std::vector<kube::Kind>& kinds, std::uint64_t seed, OnInput on_input,
            std::function<void()> on_synced);
  ~Informers();
  Informers(const Informers&) = delete;
  Informers& operator=(const Informers&) = delete;

  void Start();

  // Ends all lists and watches.
  void Stop();

  bool synced() const { return synced_; }

  // Returns one check a kind: it was listed, or why it was not.
  std::vector<HealthCheck> Checks() const;

 private:
  class Informer;

  void OnKindSynced();

  const OnInput on_input_;
  const std::function<void()> on_synced_;
  bool synced_ = false;
  std::vector<std::unique_ptr<Informer>> informers_;
};

}  // namespace heat_scheduler
