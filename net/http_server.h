// Serves an HttpHandler on a TCP port, plain or with TLS, on the loop's thread.
//
// HTTP/1.1 with keep-alive; HTTP/1.0 is answered and closed. Requests of one connection are handled
// one after the other, pipelined ones in order. While an answer is pending or a stream runs, the
// connection is watched: a peer that goes is reported by ResponseSink::OnGone. What a peer may ask
// for is bounded by ServerLimits; where an answer can still be given to a request beyond them, it
// is: 400, 408, 413, 414, 431, 503 or 505, and the connection is closed. Answers carry "Date"; the
// handler owns all other fields but the framing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/asio_loop.h"
#include "net/http_handler.h"
#include "net/tls.h"

namespace heat_scheduler::net {

struct ServerLimits {
  std::size_t request_line_bytes = 8 * 1024;
  std::size_t header_bytes = 32 * 1024;  // The request line and all fields, as on the wire.
  std::size_t header_count = 100;
  std::size_t body_bytes = 3 * 1024 * 1024;
  // Of all bodies that are on their way at a time; 0: no limit. Who goes beyond it gets 503.
  std::size_t total_body_bytes = 0;
  absl::Duration handshake_timeout = absl::Seconds(5);  // TLS.
  absl::Duration header_timeout = absl::Seconds(5);     // From the connection or the first byte on.
  // From the head on; each KiB that comes adds a second, so that a large body has time.
  absl::Duration body_timeout = absl::Seconds(10);
  absl::Duration idle_timeout = absl::Seconds(60);   // Between requests.
  absl::Duration write_timeout = absl::Seconds(30);  // For each 64 KiB that the peer is to take.
  // One more takes the place of that which has been silent for longest; if all of them wait for
  // answers, it is closed itself.
  std::size_t max_connections = 1024;
  std::size_t max_connections_per_peer = 64;  // Per address. 0: no limit but the one above.
};

struct ServerOptions {
  std::string host = "127.0.0.1";  // The IP address to listen on; "localhost" is 127.0.0.1.
  std::uint16_t port = 0;          // 0: any free port.
  std::optional<ServerTls> tls{};
  ServerLimits limits{};
};

class HttpServer {
 public:
  // Listens and starts to serve. `loop` and `handler` outlive the server. InvalidArgument for a
  // host that is no address and for keys that do not work, Unavailable when the port cannot be
  // had.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(AsioLoop& loop, HttpHandler& handler,
                                                           ServerOptions options);

  // Cuts all connections. Their sinks become harmless; no OnGone is called.
  ~HttpServer();

  // The port that it listens on.
  std::uint16_t port() const;

  // The number of open connections.
  std::size_t connections() const;

  // Uses another key pair from the next connection on; the old one stays when this one does not
  // work. Only for a server that was started with TLS.
  absl::Status SetTls(const ServerTls& tls);

  // Stops listening, closes idle connections, lets requests under way end, and calls `done` when
  // all connections are closed; after `grace` cuts what is left. Call once.
  void Shutdown(absl::Duration grace, std::function<void()> done);

 private:
  class Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  const std::shared_ptr<Impl> impl_;
};

}  // namespace heat_scheduler::net
