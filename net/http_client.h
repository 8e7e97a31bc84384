// Sends requests to one server over TCP: the HttpTransport of the real program.
//
// HTTP/1.1; TLS 1.2 at least, with the server's name verified. Requests share a pool of keep-alive
// connections and wait their turn when all are busy; each stream has a connection of its own,
// outside the pool. A request that was sent on a kept connection just as the server closed it is
// sent once more on a new one if it is GET or HEAD; any other may have had its effect: Aborted.
// Redirects are not followed, compression is not asked for. A request that did not get a connection
// in time is Unavailable: it surely did not reach the server.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/asio_loop.h"
#include "net/http_transport.h"
#include "net/tls.h"

namespace heat_scheduler::net {

struct ClientOptions {
  // "https://host:port" or "http://host:port". A path in it is the caller's business: targets are
  // sent as they are.
  std::string base_url{};
  ClientTls tls{};  // For https.
  // An "http://host:port" that opens tunnels by CONNECT. Empty: HTTPS_PROXY and NO_PROXY decide,
  // unless ignore_environment. A loopback server is never proxied.
  std::string proxy_url{};
  bool ignore_environment = false;
  std::size_t max_connections = 64;                    // Of the pool.
  absl::Duration connect_timeout = absl::Seconds(10);  // Name, TCP, tunnel and TLS together.
  absl::Duration idle_timeout = absl::Seconds(50);     // Of a kept connection.
};

class HttpClient final : public HttpTransport {
 public:
  // Connects to nothing yet. `loop` outlives the client. InvalidArgument for URLs and keys that do
  // not work.
  static absl::StatusOr<std::unique_ptr<HttpClient>> Create(AsioLoop& loop, ClientOptions options);

  // Drops all requests: none of their callbacks is called any more.
  ~HttpClient() override;

  RequestId Send(HttpRequest request, RequestOptions options, Done done) override;
  RequestId Stream(HttpRequest request, StreamOptions options, StreamHandlers handlers) override;
  void Cancel(RequestId id) override;

  // Uses other authorities and another key pair from the next connection on; the old ones stay when
  // these do not work. Only for an https server.
  absl::Status SetTls(const ClientTls& tls);

  // Connections of the pool, the idle ones among them, for metrics and tests.
  std::size_t connections() const;

 private:
  class Impl;
  explicit HttpClient(std::shared_ptr<Impl> impl);
  const std::shared_ptr<Impl> impl_;
};

}  // namespace heat_scheduler::net
