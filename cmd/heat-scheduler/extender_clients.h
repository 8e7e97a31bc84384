// Connections to the extenders of the configuration.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "live/file_watch.h"
#include "net/asio_loop.h"
#include "net/http_client.h"
#include "net/http_transport.h"
#include "net/tls.h"
#include "scheduler/framework/extender.h"

namespace heat_scheduler {

// Returns how the server of an https:// extender is checked and what is shown to it, read from its
// files now. As with kube-scheduler, enableHTTPS without authorities leaves it unchecked.
absl::StatusOr<net::ClientTls> TlsOf(const ExtenderConfig& extender, absl::Time now);

class ExtenderClients {
 public:
  // Connects to nothing yet. Files of keys, certificates and authorities are read again each
  // minute. Borrows the loop. Errors name the extender.
  static absl::StatusOr<std::unique_ptr<ExtenderClients>> Create(
      net::AsioLoop& loop, const std::vector<ExtenderConfig>& extenders);
  ExtenderClients(const ExtenderClients&) = delete;
  ExtenderClients& operator=(const ExtenderClients&) = delete;

  // In the order of the extenders.
  std::vector<net::HttpTransport*> transports() const;

 private:
  ExtenderClients() = default;
  absl::Status Add(net::AsioLoop& loop, const ExtenderConfig& extender);

  std::vector<std::unique_ptr<net::HttpClient>> clients_;
  std::vector<std::unique_ptr<FileWatch<net::ClientTls>>> watches_;
};

}  // namespace heat_scheduler
