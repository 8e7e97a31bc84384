// Takes an HTTP/1 message apart as its bytes come in, within limits. Inside of net/.
//
// The grammar is Boost.Beast's; what it leaves open is refused here: more fields than the limit, a
// request line that is too long, a Transfer-Encoding other than "chunked", a request with no Host
// or with two. Trailer fields are read and dropped. Thread-compatible.
// Source: RFC 9112; limits of a message are the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"

namespace heat_scheduler::net {

struct ParserLimits {
  std::size_t start_line_bytes = 8 * 1024;
  std::size_t header_bytes = 32 * 1024;  // All of it, as on the wire.
  std::size_t header_count = 100;
  std::uint64_t body_bytes = 3 * 1024 * 1024;
};

enum class ParseError {
  kNone,
  kMalformed,
  kBadVersion,  // Neither HTTP/1.0 nor HTTP/1.1.
  kStartLineTooLong,
  kHeaderTooLong,
  kBodyTooLong,
  kTruncated,  // The end of the connection came before the end of the message.
};

enum class MessageKind { kRequest, kResponse };

// Whether what is read has a body although its head may say so: the response to HEAD has none.
enum class BodyRule { kAsTheHeadSays, kNone };

class HttpParser {
 public:
  HttpParser(MessageKind kind, const ParserLimits& limits,
             BodyRule body_rule = BodyRule::kAsTheHeadSays);
  ~HttpParser();

  // Reads from the front of `data` and returns how many bytes it took. Call it again with the rest
  // and what came since: bytes that it did not take it has not kept. Returns at the end of the
  // head, so that the caller can look at it before the body. A result of 0 means that more bytes
  // are needed, or that done() or error() says why not.
  std::size_t Feed(std::string_view data);

  // Says that no more bytes will come: completes a body that only this ends, else kTruncated.
  void FeedEnd();

  bool started() const;    // At least one byte was taken or looked at.
  bool head_done() const;  // The fields below are set.
  bool done() const;       // The whole message was read.
  ParseError error() const;
  std::string error_text() const;

  // After head_done(): the connection may carry another message.
  bool keep_alive() const;

  // Request line, or status line.
  const std::string& method() const;
  const std::string& target() const;
  int status() const;
  bool http_1_0() const;

  // Of the head, in order, the framing fields among them.
  Headers& headers();

  // What was read of the body and not yet taken away; the caller may move or clear it at any time.
  std::string& body();

 private:
  class Message;
  template <bool kIsRequest>
  class Parser;
  const std::unique_ptr<Message> message_;
};

}  // namespace heat_scheduler::net
