// A network of one wire under virtual time: hands the requests of an HttpTransport to an
// HttpHandler, with latency from a seed and faults from a policy.
//
// Keeps what a real connection keeps: timeouts, order within a stream, limits, the difference
// between "surely not sent" and "outcome unknown", and the server's view of a peer that went. Not
// simulated: connections as such; each request has its own. One thread. The loop outlives the
// transport, which is not destroyed inside one of its callbacks; handlers and their sinks may be
// destroyed before or after it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/random.h"
#include "net/event_loop.h"
#include "net/http.h"
#include "net/http_handler.h"
#include "net/http_transport.h"

namespace heat_scheduler {

// What becomes of one request.
struct FaultPlan {
  enum class Fate {
    kDeliver,      // It is answered.
    kRefuse,       // Surely not sent: Unavailable.
    kLoseRequest,  // Cut before the server saw it: Aborted, as the sender cannot know.
    kLoseReply,    // Cut once the server has answered: Aborted.
    kSilence,      // The server sees it, the reply never comes: DeadlineExceeded in time.
  };

  Fate fate = Fate::kDeliver;
  absl::Duration request_delay = absl::ZeroDuration();  // On top of the latency.
  absl::Duration reply_delay = absl::ZeroDuration();
  // The response, streamed or not, is cut (Aborted) after so many bytes of its body ...
  std::optional<std::size_t> cut_after_bytes = {};
  // ... or so long after its head came.
  std::optional<absl::Duration> cut_after = {};
  // Nothing more comes after so many bytes of the body, and no end either: a half-open connection.
  std::optional<std::size_t> freeze_after_bytes = {};
};

// Decides on each request, in the order in which they are sent.
class FaultPolicy {
 public:
  virtual ~FaultPolicy() = default;
  virtual FaultPlan OnRequest(const net::HttpRequest& request) = 0;
};

struct SimNetworkOptions {
  std::uint64_t seed = 1;
  // One way, uniform between the two.
  absl::Duration min_latency = absl::Microseconds(200);
  absl::Duration max_latency = absl::Milliseconds(2);
  std::string peer = "192.0.2.1";  // What the server sees as the address.
};

class SimTransport final : public net::HttpTransport {
 public:
  // `server` may be null: nothing listens.
  SimTransport(net::EventLoop& loop, net::HttpHandler* server, SimNetworkOptions options = {});
  ~SimTransport() override;
  SimTransport(const SimTransport&) = delete;
  SimTransport& operator=(const SimTransport&) = delete;

  net::RequestId Send(net::HttpRequest request, net::RequestOptions options, Done done) override;
  net::RequestId Stream(net::HttpRequest request, net::StreamOptions options,
                        net::StreamHandlers handlers) override;
  void Cancel(net::RequestId id) override;

  // Asks `policy` about each later request; null: no faults. Borrowed.
  void SetPolicy(FaultPolicy* policy) { policy_ = policy; }

  // Has `server` answer from now on; null: every request is refused. Borrowed.
  void Connect(net::HttpHandler* server) { server_ = server; }

  // Ends whatever is under way with Aborted, both sides being told; the server stays reachable.
  void CutAll();

  // Stops the data of every response under way, with no end: half-open connections. What the server
  // writes is counted in its queued_bytes.
  void FreezeAll();

  // Returns how many requests are under way.
  std::size_t open() const { return exchanges_.size(); }

 private:
  struct Exchange;
  class Sink;

  net::RequestId Start(std::shared_ptr<Exchange> exchange);
  absl::Duration Latency();
  void Arrive(const std::shared_ptr<Exchange>& exchange);
  // Calls `action` on the client's side once what was sent before has arrived.
  void ToClient(const std::shared_ptr<Exchange>& exchange, std::function<void()> action);
  void ReceiveHead(const std::shared_ptr<Exchange>& exchange, int status, net::Headers headers);
  void ReceiveData(const std::shared_ptr<Exchange>& exchange, std::string_view data);
  // Takes the exchange off the books and tells the client, unless `status` is Cancelled.
  void Finish(const std::shared_ptr<Exchange>& exchange, absl::Status status);
  void RestartTimeout(const std::shared_ptr<Exchange>& exchange, absl::Duration timeout);

  net::EventLoop& loop_;
  net::HttpHandler* server_;
  const SimNetworkOptions options_;
  Random random_;
  FaultPolicy* policy_ = nullptr;
  net::RequestId last_id_ = 0;
  std::map<net::RequestId, std::shared_ptr<Exchange>> exchanges_;
};

}  // namespace heat_scheduler
