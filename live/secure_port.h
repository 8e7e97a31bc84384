// What the scheduler serves on --secure-port: /healthz, /livez, /readyz, /metrics, /version.
//
// Probes and version are open to everyone who reaches the port; without ?verbose a healthy answer
// is "ok". Why a check fails is told to loopback peers only ("reason withheld" to others), and
// /metrics is theirs alone: requests are not authenticated, and what is in both is not for
// everyone. GET and HEAD only. One thread. Source of the answers' form: k8s.io/apiserver
// pkg/server/healthz, v0.36.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "live/health.h"
#include "live/metrics.h"
#include "net/http_handler.h"

namespace heat_scheduler {

class SecurePort final : public net::HttpHandler {
 public:
  using Checks = std::function<std::vector<HealthCheck>()>;

  // Borrows the metrics. `ready` says what /readyz is about, `live` what /livez and /healthz are;
  // "ping" is always there.
  SecurePort(Metrics& metrics, Checks ready, Checks live)
      : metrics_(metrics), ready_(std::move(ready)), live_(std::move(live)) {}

  void Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) override;

 private:
  net::HttpResponse Answer(const net::HttpRequest& request) const;

  Metrics& metrics_;
  const Checks ready_;
  const Checks live_;
};

}  // namespace heat_scheduler
