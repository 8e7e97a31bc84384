// The secure port of a running heat-scheduler: its server, its certificate, its guard.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cmd/heat-scheduler/connection.h"
#include "cmd/heat-scheduler/secure_port_flags.h"
#include "kube/client/client_config.h"
#include "kube/codec.h"
#include "live/delegated_guard.h"
#include "live/log.h"
#include "live/metrics.h"
#include "live/secure_port.h"
#include "net/asio_loop.h"
#include "net/http_server.h"
#include "net/tls.h"

namespace heat_scheduler {

class SecureServing {
 public:
  // Listens to nothing yet. `config` is how the scheduler itself reaches the API server;
  // `on_failed_lookup` is called if the first look-up fails and that is not tolerated. Borrows the
  // references.
  static absl::StatusOr<std::unique_ptr<SecureServing>> Create(
      net::AsioLoop& loop, SecurePortFlags flags, const kube::ClientConfig& config,
      kube::Decoder& decoder, Metrics& metrics, SecurePort::Checks ready, SecurePort::Checks live,
      std::function<void(const absl::Status& why)> on_failed_lookup);
  ~SecureServing() { loop_.Cancel(reload_timer_); }
  SecureServing(const SecureServing&) = delete;
  SecureServing& operator=(const SecureServing&) = delete;

  // Where pages are added, before Open.
  SecurePort& port() { return *port_; }

  // Listens, unless the port is switched off. `hostname` goes into the certificate that is made if
  // no file has one. A file's is read again each minute, and the one before stays while that fails.
  absl::Status Open(const std::string& hostname);

 private:
  SecureServing(net::AsioLoop& loop, SecurePortFlags flags)
      : loop_(loop), flags_(std::move(flags)) {}

  absl::StatusOr<net::KeyPair> LoadCertificate() const;
  void ReloadLater();
  void Reload();

  net::AsioLoop& loop_;
  const SecurePortFlags flags_;
  BareConnection authentication_;
  BareConnection authorization_;
  std::unique_ptr<DelegatedGuard> guard_;
  std::unique_ptr<SecurePort> port_;
  std::unique_ptr<net::HttpServer> server_;
  net::KeyPair served_;  // From the files.
  net::TimerId reload_timer_ = 0;
  LogThrottle throttle_;
};

}  // namespace heat_scheduler
