#include "net/connector.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "net/http_parser.h"

namespace heat_scheduler::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// What was sent and is not acknowledged for so long was lost with the connection.
constexpr unsigned kUnacknowledgedMilliseconds = 30'000;

}  // namespace

class Connector::Tunnel {
 public:
  std::string request;
  HttpParser parser{MessageKind::kResponse, ParserLimits{}, BodyRule::kNone};
  std::array<char, 4096> buffer;
  std::string input;
};

Connector::Connector(AsioLoop& loop, const Destination& destination)
    : loop_(loop), destination_(destination), resolver_(loop.context()), socket_(loop.context()) {}

Connector::~Connector() = default;

const Url& Connector::first_hop() const {
  return destination_.proxy ? *destination_.proxy : destination_.server;
}

void Connector::Start(Done done) {
  done_ = std::move(done);
  timer_ = loop_.RunAfter(destination_.timeout, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->Fail(self->step_, absl::StrCat("no answer within ",
                                           absl::FormatDuration(self->destination_.timeout)));
    }
  });
  const Url& hop = first_hop();
  error_code not_an_address;
  const asio::ip::address address = asio::ip::make_address(hop.host, not_an_address);
  if (!not_an_address) return Connect({tcp::endpoint(address, hop.port)});
  if (IsLocalhost(hop.host)) {
    return Connect({tcp::endpoint(asio::ip::address_v4::loopback(), hop.port),
                    tcp::endpoint(asio::ip::address_v6::loopback(), hop.port)});
  }

  step_ = absl::StrCat("looking up ", hop.host);
  resolver_.async_resolve(hop.host, std::to_string(hop.port),
                          [self = shared_from_this()](const error_code& error,
                                                      const tcp::resolver::results_type& results) {
                            if (!self->done_) return;
                            if (error) return self->Fail(self->step_, error.message());
                            std::vector<tcp::endpoint> endpoints;
                            for (const auto& result : results)
                              endpoints.push_back(result.endpoint());
                            self->Connect(endpoints);
                          });
}

void Connector::Connect(const std::vector<tcp::endpoint>& endpoints) {
  step_ = absl::StrCat("connecting to ", destination_.proxy ? "proxy " : "",
                       first_hop().Authority(true));
  asio::async_connect(socket_, endpoints,
                      [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
                        if (!self->done_) return;
                        if (error) return self->Fail(self->step_, error.message());
                        self->OnConnected();
                      });
}

void Connector::OnConnected() {
  ConfigureSocket(socket_);
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledgedMilliseconds,
               sizeof kUnacknowledgedMilliseconds);
  if (destination_.proxy) return AskForTunnel();
  StartStream();
}

void Connector::AskForTunnel() {
  const std::string authority = destination_.server.Authority(true);
  step_ =
      absl::StrCat("asking proxy ", first_hop().Authority(true), " for a tunnel to ", authority);
  tunnel_ = std::make_unique<Tunnel>();
  tunnel_->request =
      absl::StrCat("CONNECT ", authority, " HTTP/1.1\r\nHost: ", authority, "\r\n\r\n");
  asio::async_write(socket_, asio::buffer(tunnel_->request),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      if (!self->done_) return;
                      if (error) return self->Fail(self->step_, error.message());
                      self->ReadTunnelAnswer();
                    });
}

void Connector::ReadTunnelAnswer() {
  socket_.async_read_some(asio::buffer(tunnel_->buffer),
                          [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                            if (!self->done_) return;
                            if (error) return self->Fail(self->step_, error.message());
                            self->OnTunnelBytes(bytes);
                          });
}

void Connector::OnTunnelBytes(std::size_t bytes) {
  tunnel_->input.append(tunnel_->buffer.data(), bytes);
  HttpParser& parser = tunnel_->parser;
  tunnel_->input.erase(0, parser.Feed(tunnel_->input));
  if (parser.error() != ParseError::kNone) return Fail(step_, parser.error_text());
  if (!parser.done()) return ReadTunnelAnswer();
  if (parser.status() / 100 != 2) {
    return Fail(step_, absl::StrCat("it answered with status ", parser.status()));
  }
  // Servers speak second, with TLS as without.
  if (!tunnel_->input.empty()) return Fail(step_, "it sent more than its answer");
  StartStream();
}

void Connector::StartStream() {
  const std::string authority = destination_.server.Authority(true);
  if (destination_.ssl_context) {
    step_ = absl::StrCat("TLS with ", authority);
    absl::StatusOr<std::shared_ptr<ByteStream>> stream =
        MakeTlsClientStream(std::move(socket_), *destination_.ssl_context, destination_.server_name,
                            destination_.verify);
    if (!stream.ok()) return Fail(step_, ToStd(stream.status().message()));
    stream_ = *std::move(stream);
  } else {
    stream_ = MakePlainStream(std::move(socket_));
  }
  stream_->Handshake([self = shared_from_this()](const absl::Status& status) {
    if (!self->done_) return;
    if (!status.ok()) return self->Fail(self->step_, ToStd(status.message()));
    self->Finish(std::exchange(self->stream_, nullptr));
  });
}

void Connector::Fail(std::string_view what, std::string_view why) {
  Finish(absl::UnavailableError(absl::StrCat(ToAbsl(what), ": ", ToAbsl(why))));
}

void Connector::Finish(absl::StatusOr<std::shared_ptr<ByteStream>> result) {
  const auto self = shared_from_this();
  const Done done = std::exchange(done_, nullptr);
  Cancel();
  if (done) done(std::move(result));
}

void Connector::Cancel() {
  done_ = nullptr;
  loop_.Cancel(std::exchange(timer_, 0));
  resolver_.cancel();
  error_code ignored;
  socket_.close(ignored);
  if (stream_) std::exchange(stream_, nullptr)->Close();
}

}  // namespace heat_scheduler::net
