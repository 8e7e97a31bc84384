// One connection of an HttpServer. Inside of net/.
//
//   Handshake -> Idle <-> Head -> Body -> Answering -> Idle | Closed
//
// A read is under way in all of these (bar Body read to its end), so that the peer's going is seen
// while it waits for an answer. Bytes of the next request stay in the buffer until its turn.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/byte_stream.h"
#include "net/event_loop.h"
#include "net/http_handler.h"
#include "net/http_parser.h"
#include "net/http_server.h"

namespace heat_scheduler::net {

class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  // What the connection has of its server; both outlive it, or Detach is called before they go.
  struct Context {
    EventLoop& loop;
    HttpHandler& handler;
    const ServerLimits& limits;
    std::size_t& body_bytes_held;  // Of all connections: what has come of bodies so far.
  };

  // `closed` is called once, when the connection is over.
  ServerConnection(Context context, std::shared_ptr<ByteStream> stream, std::string peer,
                   std::function<void()> closed);
  ~ServerConnection();

  // Starts with the handshake. Call once.
  void Start();

  // Takes no further request: closes now if idle, else after the answer under way.
  void CloseWhenIdle();

  // Closes at once, calling neither `closed` nor OnGone.
  void Detach();

  // Closes at once; an unanswered request's OnGone is called.
  void Abort();

  // Returns since when (monotonic) nothing has come from the peer; nothing while a request of its
  // is being answered.
  std::optional<absl::Duration> SilentSince() const;

 private:
  class Sink;
  enum class Phase { kHandshake, kIdle, kHead, kBody, kAnswering, kClosed };

  // A part of the output: `head`, then `data`, then a line break if it is a chunk.
  struct Piece {
    std::string head{};
    std::shared_ptr<const std::string> data{};
    bool line_break = false;
    std::size_t size() const;
  };

  ParserLimits ParserLimitsOfServer() const;
  void StartRead();
  void OnRead(std::size_t bytes);
  void OnReadEnd();
  // Parses what is buffered, as far as the phase allows.
  void Advance();
  void OnHead();
  // Says how much of a body is held now.
  void HoldBody(std::size_t bytes);
  void RefuseBody();
  void RefuseRequest();
  void Dispatch();

  // For the sink: the answer to the request number `exchange`, ignored unless it is the current
  // one.
  void Respond(std::uint64_t exchange, HttpResponse response);
  void BeginStream(std::uint64_t exchange, int status, const Headers& headers);
  void WriteChunk(std::uint64_t exchange, std::shared_ptr<const std::string> data);
  void EndStream(std::uint64_t exchange);
  void OnSinkGone(std::uint64_t exchange);
  bool IsCurrent(std::uint64_t exchange) const;

  void Enqueue(Piece piece);
  void Flush();
  void FillOutput();
  void OnWritten();
  // The answer is complete and written: on to the next request.
  void FinishExchange();
  void FinishExchangeSoon();

  void SetDeadline(absl::Duration delay, void (ServerConnection::*expired)());
  void ClearDeadline();
  void OnHeadTimeout();
  void OnBodyTimeout();
  void CloseGently();
  void CloseStream(bool gently);

  const Context context_;
  const std::shared_ptr<ByteStream> stream_;
  const std::string peer_;
  std::string peer_chain_pem_;  // Set by the handshake.
  std::function<void()> closed_;

  Phase phase_ = Phase::kHandshake;
  bool reading_ = false;
  bool read_ended_ = false;
  absl::Duration last_read_;
  bool closing_ = false;  // No request after this one.
  std::array<char, 16 * 1024> read_buffer_;
  std::string input_;
  std::optional<HttpParser> parser_;
  absl::Duration body_start_;
  std::size_t body_read_ = 0;
  std::size_t body_held_ = 0;  // Our part of Context::body_bytes_held.

  // The request under way.
  std::uint64_t exchange_ = 0;
  bool responded_ = false;  // Send or BeginStream was called.
  bool streaming_ = false;
  bool answer_complete_ = false;  // All of the answer is in the queue.
  bool is_head_request_ = false;
  bool is_http_1_0_ = false;
  bool has_body_ = false;     // Of a stream: what is written is sent.
  bool line_breaks_ = false;  // Of a stream: it is chunked.
  std::function<void()> gone_;

  std::deque<Piece> queue_;
  std::size_t front_done_ = 0;  // Bytes of the first piece that went to the output already.
  std::size_t queued_bytes_ = 0;
  std::string output_;
  bool writing_ = false;

  TimerId deadline_ = 0;
  TimerId write_deadline_ = 0;
};

}  // namespace heat_scheduler::net
