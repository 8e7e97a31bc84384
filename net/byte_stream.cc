#include "net/byte_stream.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace heat_scheduler::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// How long, and for how many bytes, the peer's end is waited for.
constexpr std::chrono::seconds kLingerTime{2};
constexpr std::size_t kLingerBytes = 4 * 1024 * 1024;

// Half-open connections are found within about a minute.
constexpr int kKeepAliveIdleSeconds = 30;
constexpr int kKeepAliveIntervalSeconds = 10;
constexpr int kKeepAliveProbes = 3;

class SocketStream : public ByteStream {
 public:
  explicit SocketStream(const tcp::socket::executor_type& executor) : linger_timer_(executor) {}

  void Close() override {
    error_code ignored;
    socket().close(ignored);
    linger_timer_.cancel();
  }

  bool Quiet() override {
    char byte = 0;
    const auto got = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 protected:
  virtual tcp::socket& socket() = 0;

  void StartLingerTimer() {
    linger_timer_.expires_after(kLingerTime);
    linger_timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->Close();
    });
  }

  // Tells the peer that no more comes, and reads until it says the same.
  void Drain() {
    error_code ignored;
    socket().shutdown(tcp::socket::shutdown_send, ignored);
    ReadAway();
  }

 private:
  void ReadAway() {
    socket().async_read_some(
        asio::buffer(linger_buffer_),
        [this, self = shared_from_this()](const error_code& error, std::size_t bytes) {
          drained_bytes_ += bytes;
          if (error || drained_bytes_ > kLingerBytes) return Close();
          ReadAway();
        });
  }

  asio::steady_timer linger_timer_;
  std::array<char, 4096> linger_buffer_;
  std::size_t drained_bytes_ = 0;
};

class PlainStream final : public SocketStream {
 public:
  explicit PlainStream(tcp::socket socket)
      : SocketStream(socket.get_executor()), socket_(std::move(socket)) {}

  void Handshake(HandshakeDone done) override {
    asio::post(socket_.get_executor(),
               [done = std::move(done), self = shared_from_this()] { done(absl::OkStatus()); });
  }

  std::string PeerChainPem() override { return ""; }

  void ReadSome(asio::mutable_buffer buffer, Done done) override {
    socket_.async_read_some(
        buffer, [done = std::move(done), self = shared_from_this()](
                    const error_code& error, std::size_t bytes) { done(error, bytes); });
  }

  void WriteAll(asio::const_buffer data, Done done) override {
    asio::async_write(socket_, data,
                      [done = std::move(done), self = shared_from_this()](
                          const error_code& error, std::size_t bytes) { done(error, bytes); });
  }

  void CloseGently() override {
    error_code ignored;
    socket_.cancel(ignored);
    StartLingerTimer();
    Drain();
  }

 private:
  tcp::socket& socket() override { return socket_; }

  tcp::socket socket_;
};

class TlsStream final : public SocketStream {
 public:
  // Takes a share of `context`.
  TlsStream(tcp::socket socket, SSL_CTX& context, asio::ssl::stream_base::handshake_type side)
      : SocketStream(socket.get_executor()),
        side_(side),
        context_(Share(context)),
        stream_(std::move(socket), context_) {}

  SSL* ssl() { return stream_.native_handle(); }

  void Handshake(HandshakeDone done) override {
    ERR_clear_error();
    stream_.async_handshake(
        side_, [this, done = std::move(done), self = shared_from_this()](const error_code& error) {
          done(error ? HandshakeError(error) : absl::OkStatus());
        });
  }

  std::string PeerChainPem() override { return net::PeerChainPem(ssl()); }

  void ReadSome(asio::mutable_buffer buffer, Done done) override {
    stream_.async_read_some(
        buffer, [done = std::move(done), self = shared_from_this()](
                    const error_code& error, std::size_t bytes) { done(error, bytes); });
  }

  void WriteAll(asio::const_buffer data, Done done) override {
    asio::async_write(stream_, data,
                      [done = std::move(done), self = shared_from_this()](
                          const error_code& error, std::size_t bytes) { done(error, bytes); });
  }

  void CloseGently() override {
    error_code ignored;
    socket().cancel(ignored);
    StartLingerTimer();
    stream_.async_shutdown([this, self = shared_from_this()](const error_code&) { Drain(); });
  }

 private:
  static SSL_CTX* Share(SSL_CTX& context) {
    SSL_CTX_up_ref(&context);
    return &context;
  }

  tcp::socket& socket() override { return stream_.next_layer(); }

  absl::Status HandshakeError(const error_code& error) {
    const long verified = SSL_get_verify_result(ssl());  // NOLINT: OpenSSL's type.
    if (verified != X509_V_OK) {
      return absl::UnavailableError(
          absl::StrCat("the peer's certificate: ", X509_verify_cert_error_string(verified)));
    }
    return absl::UnavailableError(absl::StrCat("TLS handshake: ", error.message()));
  }

  const asio::ssl::stream_base::handshake_type side_;
  asio::ssl::context context_;
  asio::ssl::stream<tcp::socket> stream_;
};

}  // namespace

void ConfigureSocket(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const int fd = socket.native_handle();
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &kKeepAliveIdleSeconds, sizeof(int));
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &kKeepAliveIntervalSeconds, sizeof(int));
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &kKeepAliveProbes, sizeof(int));
}

std::shared_ptr<ByteStream> MakePlainStream(tcp::socket socket) {
  return std::make_shared<PlainStream>(std::move(socket));
}

std::shared_ptr<ByteStream> MakeTlsServerStream(tcp::socket socket, SSL_CTX& context) {
  return std::make_shared<TlsStream>(std::move(socket), context, asio::ssl::stream_base::server);
}

absl::StatusOr<std::shared_ptr<ByteStream>> MakeTlsClientStream(tcp::socket socket,
                                                                SSL_CTX& context,
                                                                const std::string& server_name,
                                                                bool verify) {
  auto stream =
      std::make_shared<TlsStream>(std::move(socket), context, asio::ssl::stream_base::client);
  if (absl::Status status = ExpectName(stream->ssl(), server_name, verify); !status.ok()) {
    return status;
  }
  return stream;
}

}  // namespace heat_scheduler::net
