// What the scheduler serves on --secure-port: /healthz, /livez, /readyz, /metrics, /version and
// the pages that are added to it.
//
// A guard says who may read what. Without ?verbose a healthy answer is "ok"; why a check fails is
// told to loopback peers only ("reason withheld" to others), since probes are open to everyone who
// reaches the port. GET and HEAD only. One thread. Source of the answers' form: k8s.io/apiserver
// pkg/server/healthz, v0.36.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "live/health.h"
#include "live/metrics.h"
#include "live/page.h"
#include "live/request_guard.h"
#include "net/http_handler.h"

namespace heat_scheduler {

class SecurePort final : public net::HttpHandler {
 public:
  using Checks = std::function<std::vector<HealthCheck>()>;

  // Borrows metrics and guard. `ready` says what /readyz is about, `live` what /livez and /healthz
  // are; "ping" is always there.
  SecurePort(Metrics& metrics, RequestGuard& guard, Checks ready, Checks live);

  // Has `page` answer from now on: "/pending" that path alone, "/explain/" all paths below it.
  void AddPage(std::string path, Page page);
  void AddStream(std::string path, StreamPage page) { pages_[std::move(path)] = std::move(page); }

  void Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) override;

 private:
  void Answer(const net::Target& target, bool local,
              const std::shared_ptr<net::ResponseSink>& sink) const;
  const StreamPage* FindPage(const std::string& path) const;

  Metrics& metrics_;
  RequestGuard& guard_;
  const Checks ready_;
  const Checks live_;
  std::map<std::string, StreamPage> pages_;
};

}  // namespace heat_scheduler
