// One TCP connection, with or without TLS, as a stream of bytes. Inside of net/.
//
// Type-erased, so that the HTTP code is compiled once. Operations hold the stream until they have
// completed; at most one read and one write are under way at a time. All on the loop's thread.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "net/openssl.h"

namespace heat_scheduler::net {

class ByteStream : public std::enable_shared_from_this<ByteStream> {
 public:
  using Done = std::function<void(boost::system::error_code error, std::size_t bytes)>;
  using HandshakeDone = std::function<void(absl::Status status)>;

  virtual ~ByteStream() = default;

  // Completes the TLS handshake; at once on a plain stream. The error says what was wrong.
  virtual void Handshake(HandshakeDone done) = 0;

  // Returns the certificates that the peer has shown in it, its own first, as PEM text; empty for
  // none.
  virtual std::string PeerChainPem() = 0;

  // Reads at least one byte. The peer's orderly end is asio::error::eof; over TLS a connection that
  // ends without the peer's word is another error.
  virtual void ReadSome(boost::asio::mutable_buffer buffer, Done done) = 0;

  // Writes everything; `data` must stay where it is.
  virtual void WriteAll(boost::asio::const_buffer data, Done done) = 0;

  // Closes at once: operations under way fail.
  virtual void Close() = 0;

  // Ends our side in good order and waits a short while for the peer's end, so that the peer reads
  // what was written before it learns that we no longer listen. No operation may follow.
  virtual void CloseGently() = 0;

  // Returns whether nothing at all has come since the last read: a connection that has bytes or an
  // end waiting is of no use for another request.
  virtual bool Quiet() = 0;
};

// Sets what every socket of ours has: no Nagle delay, TCP keep-alive.
void ConfigureSocket(boost::asio::ip::tcp::socket& socket);

std::shared_ptr<ByteStream> MakePlainStream(boost::asio::ip::tcp::socket socket);
std::shared_ptr<ByteStream> MakeTlsServerStream(boost::asio::ip::tcp::socket socket,
                                                SSL_CTX& context);
// `server_name` is what the certificate must be for, if `verify`.
absl::StatusOr<std::shared_ptr<ByteStream>> MakeTlsClientStream(boost::asio::ip::tcp::socket socket,
                                                                SSL_CTX& context,
                                                                const std::string& server_name,
                                                                bool verify);

}  // namespace heat_scheduler::net
