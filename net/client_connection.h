// One connection of an HttpClient: one request after the other. Inside of net/.
//
// A read is always under way, so that a server that closes an idle connection is noticed at once.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "net/byte_stream.h"
#include "net/http.h"
#include "net/http_parser.h"

namespace heat_scheduler::net {

class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  // How a request ended.
  struct End {
    absl::Status status{};      // OK: the response is complete.
    bool answer_begun = false;  // At least a byte of a response has come.
    bool reusable = false;      // The connection can carry another request.
    std::string body{};         // Of the response, if there is no on_data.
  };

  // What becomes of one request; on_end is last. Close() ends the calls.
  struct Events {
    std::function<void(int status, Headers headers)> on_head;
    std::function<void(std::string_view data)> on_data;  // May be empty: see End.
    std::function<void(End end)> on_end;
  };

  explicit ClientConnection(std::shared_ptr<ByteStream> stream);

  // Sends a request, given as its bytes, and reads the response. Only on a new connection, and
  // after an end that left it reusable.
  void Start(std::string request, BodyRule body_rule, const ParserLimits& limits, Events events);

  // Returns whether the connection still looks alive; false if anything came while it was idle.
  bool IsIdle() const;

  // Has `closed` called when the server closes the idle connection.
  void OnIdleClosed(std::function<void()> closed);

  void Close();

 private:
  void Read();
  void OnRead(std::size_t bytes);
  void OnReadEnd(const boost::system::error_code& error);
  // Returns whether it took something and there may be more.
  bool ParseSome();
  void Finish(absl::Status status);

  const std::shared_ptr<ByteStream> stream_;
  std::array<char, 16 * 1024> buffer_;
  std::string input_;
  std::string output_;
  std::optional<HttpParser> parser_;
  BodyRule body_rule_ = BodyRule::kAsTheHeadSays;
  ParserLimits limits_;
  Events events_;
  std::function<void()> idle_closed_;
  bool busy_ = false;
  bool reading_ = false;
  bool written_ = false;
  bool answer_begun_ = false;
  bool head_reported_ = false;
  int interim_count_ = 0;
  bool closed_ = false;
};

}  // namespace heat_scheduler::net
