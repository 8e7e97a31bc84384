// How heat-scheduler reaches an API server: the configuration that its flags ask for, and a pool of
// connections with a client on top.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kube/client/api_client.h"
#include "kube/client/client_config.h"
#include "kube/client/requester.h"
#include "kube/codec.h"
#include "live/file_watch.h"
#include "live/metrics.h"
#include "net/asio_loop.h"
#include "net/http_client.h"
#include "net/http_transport.h"
#include "net/tls.h"

namespace heat_scheduler {

// Loads how an API server is reached, again each time that it is called.
using ConfigLoader = std::function<absl::StatusOr<kube::ClientConfig>()>;

// A client of its own to an API server. Each minute it looks whether authorities, certificate and
// key are other ones by now, and uses those from the next connection on.
struct Connection {
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<FileWatch<net::ClientTls>> watch;  // Null for plain HTTP.
  std::unique_ptr<kube::ApiClient> api;
};

// The same without types, for what is no object.
struct BareConnection {
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<FileWatch<net::ClientTls>> watch;
  std::unique_ptr<kube::Requester> requester;
};

// Connects to nothing yet. `program` goes behind "heat-scheduler/<version>" in the User-Agent.
// Borrows loop, decoder and metrics, and keeps `load`.
absl::StatusOr<Connection> Connect(net::AsioLoop& loop, const ConfigLoader& load,
                                   kube::Decoder& decoder, Metrics& metrics,
                                   const std::string& program, net::SendGate write_gate);
absl::StatusOr<BareConnection> ConnectBare(net::AsioLoop& loop, const ConfigLoader& load,
                                           kube::Decoder& decoder, Metrics& metrics,
                                           const std::string& program);

// Returns the configuration of the kubeconfig, or the pod's own for an empty path. `hint` is what
// to do if there is neither.
absl::StatusOr<kube::ClientConfig> LoadApiConfig(const std::string& kubeconfig,
                                                 const std::string& context,
                                                 const std::string& hint, const Clock& clock);

}  // namespace heat_scheduler
