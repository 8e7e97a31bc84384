// The HTTP extender of a heat-scheduler that watches the API server: --extender-listen and its
// fellows.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "cmd/heat-scheduler/extender_serving.h"
#include "extender/handler.h"
#include "kube/client/api_client.h"
#include "kube/codec.h"
#include "live/driver.h"
#include "live/extender_binder.h"
#include "live/metrics.h"
#include "net/asio_loop.h"
#include "policy/scheduler_config.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler {

struct LiveExtenderFlags {
  ExtenderPortFlags port = {.prefix = "--extender-"};  // listen may be "off".
  bool bind = false;
  bool preempt = false;
};

// Adds the flags, which set `flags`.
void AddLiveExtenderFlags(CLI::App& app, LiveExtenderFlags& flags);

class LiveExtender {
 public:
  // Serves the profiles of the configuration, unless that is switched off. `may_write`: whether
  // bindings may be sent. Where nobody has asked for an address and the default one cannot be had,
  // it says so and goes on without. Borrows the references.
  static absl::StatusOr<std::unique_ptr<LiveExtender>> Open(
      net::AsioLoop& loop, kube::ApiClient& api, kube::Decoder& decoder, const Scheduler& scheduler,
      const LiveDriver& driver, const SchedulerConfig& config, const LiveExtenderFlags& flags,
      bool may_write, Metrics& metrics);
  LiveExtender(const LiveExtender&) = delete;
  LiveExtender& operator=(const LiveExtender&) = delete;

 private:
  LiveExtender(kube::ApiClient& api, WatchedCluster live) : binder_(api, std::move(live)) {}

  LiveExtenderBinder binder_;
  std::unique_ptr<ExtenderHandler> handler_;
  std::unique_ptr<ExtenderServing> serving_;
};

}  // namespace heat_scheduler
