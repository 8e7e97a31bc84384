// Opens one connection to a server: name, TCP, perhaps a proxy's tunnel, perhaps TLS. Inside of
// net/.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/asio_loop.h"
#include "net/byte_stream.h"
#include "net/openssl.h"
#include "net/url.h"

namespace heat_scheduler::net {

// Where to, and how.
struct Destination {
  Url server;
  std::optional<Url> proxy;   // Asked for a tunnel by CONNECT. Plain http.
  SslContextPtr ssl_context;  // Set for an https server.
  std::string server_name;    // What its certificate must be for.
  bool verify = true;
  absl::Duration timeout;  // For all of it.
};

// Connects once. Every error is Unavailable, says how far it came and why no further.
class Connector : public std::enable_shared_from_this<Connector> {
 public:
  using Done = std::function<void(absl::StatusOr<std::shared_ptr<ByteStream>> stream)>;

  // Both outlive the connector.
  Connector(AsioLoop& loop, const Destination& destination);
  ~Connector();

  // Calls `done` once, later, unless it is cancelled first. Call once.
  void Start(Done done);

  // Gives up; `done` is not called any more.
  void Cancel();

 private:
  class Tunnel;

  void Connect(const std::vector<boost::asio::ip::tcp::endpoint>& endpoints);
  void OnConnected();
  void AskForTunnel();
  void ReadTunnelAnswer();
  void OnTunnelBytes(std::size_t bytes);
  void StartStream();
  void Finish(absl::StatusOr<std::shared_ptr<ByteStream>> result);
  void Fail(std::string_view what, std::string_view why);
  // The one that TCP connects to.
  const Url& first_hop() const;

  AsioLoop& loop_;
  const Destination& destination_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<ByteStream> stream_;
  std::unique_ptr<Tunnel> tunnel_;
  std::string step_;  // What is under way, for the message of a timeout.
  TimerId timer_ = 0;
  Done done_;
};

}  // namespace heat_scheduler::net
