// How a server's owner answers requests: at once, later, or as a stream. No sockets here, so that
// the same handler serves a real port and, in tests, a simulated network.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"

namespace heat_scheduler::net {

// Takes the answer to one request. Exactly one of Send and BeginStream is called, once. All calls
// come from the loop's thread, and are harmless after the peer has gone. Destroying it unanswered
// answers 500.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;

  // Sends a whole response.
  virtual void Send(HttpResponse response) = 0;

  // Starts a response of unknown length (chunked): status and headers now, data by Write, end by
  // Close.
  virtual void BeginStream(int status, Headers headers) = 0;

  // Queues one piece of the stream. `data` is shared, so that one event can go to many peers.
  virtual void Write(std::shared_ptr<const std::string> data) = 0;

  // Ends the stream cleanly once what is queued was sent.
  virtual void Close() = 0;

  // Returns the bytes queued and not yet taken by the peer: the owner drops a peer that is too
  // slow.
  virtual std::size_t queued_bytes() const = 0;

  // Has `gone` called once when the peer goes before the answer is complete. Replaces an earlier
  // one.
  virtual void OnGone(std::function<void()> gone) = 0;
};

// Answers requests. Handle is called on the loop's thread and must not block; the sink may be kept.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual void Handle(const HttpRequest& request, std::shared_ptr<ResponseSink> sink) = 0;
};

}  // namespace heat_scheduler::net
