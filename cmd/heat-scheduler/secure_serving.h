// The secure port of a running heat-scheduler: its server, its certificate, its guard.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cmd/heat-scheduler/connection.h"
#include "cmd/heat-scheduler/secure_port_flags.h"
#include "kube/codec.h"
#include "live/delegated_guard.h"
#include "live/file_watch.h"
#include "live/metrics.h"
#include "live/secure_port.h"
#include "net/asio_loop.h"
#include "net/http_server.h"
#include "net/tls.h"

namespace heat_scheduler {

class SecureServing {
 public:
  // Listens to nothing yet. `config` says how the scheduler itself reaches the API server;
  // `on_failed_lookup` is called if the first look-up fails and that is not tolerated. Borrows the
  // references.
  static absl::StatusOr<std::unique_ptr<SecureServing>> Create(
      net::AsioLoop& loop, SecurePortFlags flags, const ConfigLoader& config,
      kube::Decoder& decoder, Metrics& metrics, SecurePort::Checks ready, SecurePort::Checks live,
      std::function<void(const absl::Status& why)> on_failed_lookup);
  SecureServing(const SecureServing&) = delete;
  SecureServing& operator=(const SecureServing&) = delete;

  // Where pages are added, before Open.
  SecurePort& port() { return *port_; }

  // Listens, unless the port is switched off. `hostname` goes into the certificate that is made if
  // no file has one. A file's is read again each minute, and the one before stays while that fails.
  absl::Status Open(const std::string& hostname);

 private:
  SecureServing(net::AsioLoop& loop, SecurePortFlags flags, Metrics& metrics)
      : loop_(loop), flags_(std::move(flags)), metrics_(metrics) {}

  absl::StatusOr<net::KeyPair> LoadCertificate() const;
  void WatchCertificate(net::KeyPair first);
  void NoteExpiration(const net::KeyPair& pair);

  net::AsioLoop& loop_;
  const SecurePortFlags flags_;
  Metrics& metrics_;
  BareConnection authentication_;
  BareConnection authorization_;
  std::unique_ptr<DelegatedGuard> guard_;
  std::unique_ptr<SecurePort> port_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<FileWatch<net::KeyPair>> watch_;
};

}  // namespace heat_scheduler
