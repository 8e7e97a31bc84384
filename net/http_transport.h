// Sends requests to one server, many at a time. An interface, so that tests put a simulated network
// in the place of sockets; net/http_client.h has the real one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/http.h"

namespace heat_scheduler::net {

// Names a request that is under way; 0 names none.
using RequestId = std::uint64_t;

// Asked once a connection is there and just before a request's first byte goes out: OK, or why it
// must not be sent any more, which is its end as Unavailable. A request may have waited long by
// then, and the whole process may have been stopped meanwhile.
using SendGate = std::function<absl::Status()>;

struct RequestOptions {
  absl::Duration timeout = absl::Seconds(30);  // From Send to the complete response.
  std::size_t max_body_bytes =
      3 * 1024 * 1024;  // A longer response is an error: ResourceExhausted.
  SendGate gate = {};   // May be empty.
};

struct StreamOptions {
  absl::Duration head_timeout = absl::Seconds(30);  // From Stream to the response's head.
  absl::Duration idle_timeout =
      absl::Minutes(2);  // Without a byte: the stream ends, DeadlineExceeded.
};

// What becomes of a streamed response, called in this order; on_end is the last call, made once.
struct StreamHandlers {
  std::function<void(int status, const Headers& headers)> on_head;
  std::function<void(std::string_view data)> on_data;
  // OK when the server ended the response cleanly.
  std::function<void(absl::Status status)> on_end;
};

// Errors tell apart what a caller must: Unavailable = the request surely did not reach the server
// (refused, name not found, TLS failed); DeadlineExceeded, Aborted = it may have (timed out,
// connection cut before the response was complete); ResourceExhausted = a limit. An HTTP status is
// no error: it is in the response. Calls and callbacks are on the loop's thread; no callback runs
// inside Send or Stream.
class HttpTransport {
 public:
  using Done = std::function<void(absl::StatusOr<HttpResponse> response)>;

  virtual ~HttpTransport() = default;

  // Sends `request`; `done` is called once, unless it is cancelled first.
  virtual RequestId Send(HttpRequest request, RequestOptions options, Done done) = 0;

  // Sends `request` and hands on the response as it comes.
  virtual RequestId Stream(HttpRequest request, StreamOptions options, StreamHandlers handlers) = 0;

  // Drops the request: none of its callbacks is called any more. Unknown ids are ignored.
  virtual void Cancel(RequestId id) = 0;
};

}  // namespace heat_scheduler::net
