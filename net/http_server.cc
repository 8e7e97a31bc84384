#include "net/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "net/byte_stream.h"
#include "net/openssl.h"
#include "net/server_connection.h"

namespace heat_scheduler::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// How long no connection is accepted when the process has no file descriptor left for it.
constexpr absl::Duration kAcceptPause = absl::Milliseconds(100);

bool IsOutOfResources(const error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system ||
         error == boost::system::errc::no_buffer_space ||
         error == boost::system::errc::not_enough_memory;
}

}  // namespace

class HttpServer::Impl : public std::enable_shared_from_this<HttpServer::Impl> {
 public:
  Impl(AsioLoop& loop, HttpHandler& handler, ServerOptions options)
      : loop_(loop), handler_(handler), options_(std::move(options)), acceptor_(loop.context()) {}

  absl::Status Listen() {
    if (options_.tls) RETURN_IF_ERROR(SetTls(*options_.tls));
    error_code error;
    const asio::ip::address address = asio::ip::make_address(
        options_.host == "localhost" ? std::string("127.0.0.1") : options_.host, error);
    if (error) {
      return absl::InvalidArgumentError(absl::StrCat("cannot listen on \"", options_.host,
                                                     "\": give an IP address, such as 127.0.0.1"));
    }
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.host, " port ",
                                                 options_.port, ": ", error.message()));
    }
    port_ = acceptor_.local_endpoint().port();
    Accept();
    return absl::OkStatus();
  }

  absl::Status SetTls(const ServerTls& tls) {
    ASSIGN_OR_RETURN(SslContextPtr context, MakeServerContext(tls));
    ssl_context_ = std::move(context);
    return absl::OkStatus();
  }

  // Leaves nothing behind that could call us.
  void Stop() {
    error_code ignored;
    acceptor_.close(ignored);
    loop_.Cancel(grace_timer_);
    loop_.Cancel(accept_timer_);
    const auto connections = std::exchange(connections_, {});
    for (const auto& [id, connection] : connections) connection->Detach();
  }

  void Shutdown(absl::Duration grace, std::function<void()> done) {
    HS_CHECK(!shutdown_done_, "Shutdown is called once");
    shutdown_done_ = std::move(done);
    error_code ignored;
    acceptor_.close(ignored);
    grace_timer_ = loop_.RunAfter(grace, [this] {
      ForEachConnection([](ServerConnection& connection) { connection.Abort(); });
    });
    ForEachConnection([](ServerConnection& connection) { connection.CloseWhenIdle(); });
    if (connections_.empty()) ReportShutdown();
  }

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return connections_.size(); }

 private:
  void Accept() {
    acceptor_.async_accept([weak = weak_from_this()](const error_code& error, tcp::socket socket) {
      const auto self = weak.lock();
      if (self == nullptr || !self->acceptor_.is_open()) return;
      if (!error) self->Welcome(std::move(socket));
      if (IsOutOfResources(error)) return self->AcceptLater();
      self->Accept();
    });
  }

  void AcceptLater() {
    accept_timer_ = loop_.RunAfter(kAcceptPause, [this] {
      if (acceptor_.is_open()) Accept();
    });
  }

  void Welcome(tcp::socket socket) {
    error_code error;
    const tcp::endpoint endpoint = socket.remote_endpoint(error);
    if (error) return;  // It has gone already.
    std::string peer = endpoint.address().to_string();
    const ServerLimits& limits = options_.limits;
    const auto of_peer = connections_of_peer_.find(peer);
    // The socket closes.
    if (limits.max_connections_per_peer != 0 && of_peer != connections_of_peer_.end() &&
        of_peer->second >= limits.max_connections_per_peer) {
      return;
    }
    if (connections_.size() >= limits.max_connections && !CloseTheMostSilent()) return;
    ++connections_of_peer_[peer];
    ConfigureSocket(socket);
    const std::uint64_t id = ++last_id_;
    std::shared_ptr<ByteStream> stream = ssl_context_
                                             ? MakeTlsServerStream(std::move(socket), *ssl_context_)
                                             : MakePlainStream(std::move(socket));
    auto connection = std::make_shared<ServerConnection>(
        ServerConnection::Context{loop_, handler_, options_.limits, body_bytes_held_},
        std::move(stream), peer, [this, id, peer] { OnClosed(id, peer); });
    connections_.emplace(id, connection);
    connection->Start();
  }

  // Closes the connection that has been silent for longest. Returns false if all wait for answers.
  bool CloseTheMostSilent() {
    std::shared_ptr<ServerConnection> most_silent;
    absl::Duration since = absl::InfiniteDuration();
    for (const auto& [id, connection] : connections_) {
      const std::optional<absl::Duration> silent = connection->SilentSince();
      if (!silent.has_value() || *silent >= since) continue;
      since = *silent;
      most_silent = connection;
    }
    if (most_silent == nullptr) return false;
    most_silent->Abort();
    return true;
  }

  void OnClosed(std::uint64_t id, const std::string& peer) {
    connections_.erase(id);
    if (--connections_of_peer_[peer] == 0) connections_of_peer_.erase(peer);
    if (connections_.empty() && shutdown_done_) ReportShutdown();
  }

  void ReportShutdown() {
    loop_.Cancel(grace_timer_);
    loop_.Post(std::exchange(shutdown_done_, [] {}));
  }

  template <typename Visit>
  void ForEachConnection(Visit visit) {
    // A visit may close the connection, which takes it out of the map.
    std::vector<std::shared_ptr<ServerConnection>> all;
    for (const auto& [id, connection] : connections_) all.push_back(connection);
    for (const auto& connection : all) visit(*connection);
  }

  AsioLoop& loop_;
  HttpHandler& handler_;
  const ServerOptions options_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  SslContextPtr ssl_context_;
  std::size_t body_bytes_held_ = 0;
  std::map<std::uint64_t, std::shared_ptr<ServerConnection>> connections_;
  std::map<std::string, std::size_t> connections_of_peer_;
  std::uint64_t last_id_ = 0;
  TimerId accept_timer_ = 0;
  TimerId grace_timer_ = 0;
  std::function<void()> shutdown_done_;
};

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(AsioLoop& loop, HttpHandler& handler,
                                                              ServerOptions options) {
  auto impl = std::make_shared<Impl>(loop, handler, std::move(options));
  RETURN_IF_ERROR(impl->Listen());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() { impl_->Stop(); }

std::uint16_t HttpServer::port() const { return impl_->port(); }

std::size_t HttpServer::connections() const { return impl_->connections(); }

absl::Status HttpServer::SetTls(const ServerTls& tls) { return impl_->SetTls(tls); }

void HttpServer::Shutdown(absl::Duration grace, std::function<void()> done) {
  impl_->Shutdown(grace, std::move(done));
}

}  // namespace heat_scheduler::net
