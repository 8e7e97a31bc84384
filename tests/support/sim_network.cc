#include "tests/support/sim_network.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace heat_scheduler {

// One request and its response, seen from both ends.
struct SimTransport::Exchange {
  net::RequestId id = 0;
  net::HttpRequest request;
  FaultPlan plan;
  SimTransport* transport = nullptr;  // Null once the client is through with it.

  // Client side. A whole response is gathered in `response`; a streamed one goes to `handlers`.
  bool streamed = false;
  net::RequestOptions request_options;
  net::StreamOptions stream_options;
  Done done;
  net::StreamHandlers handlers;
  net::HttpResponse response;
  std::size_t received = 0;
  net::TimerId timeout = 0;
  net::TimerId cut = 0;

  // Server side.
  bool answered = false;  // Send or BeginStream was called.
  bool complete = false;  // Send or Close was called.
  bool frozen = false;
  std::size_t queued = 0;
  std::function<void()> gone;
  absl::Duration last_arrival = absl::ZeroDuration();
};

class SimTransport::Sink final : public net::ResponseSink {
 public:
  explicit Sink(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  ~Sink() override {
    exchange_->gone = nullptr;
    if (!exchange_->answered) Send({500, {}, "no answer"});
  }

  void Send(net::HttpResponse response) override {
    exchange_->answered = true;
    exchange_->complete = true;
    exchange_->gone = nullptr;
    if (exchange_->transport == nullptr) return;
    exchange_->queued += response.body.size();
    exchange_->transport->ToClient(
        exchange_, [exchange = exchange_, response = std::move(response)]() mutable {
          SimTransport& transport = *exchange->transport;
          transport.ReceiveHead(exchange, response.status, std::move(response.headers));
          transport.ReceiveData(exchange, response.body);
          transport.Finish(exchange, absl::OkStatus());
        });
  }

  void BeginStream(int status, net::Headers headers) override {
    exchange_->answered = true;
    if (exchange_->transport == nullptr) return;
    exchange_->transport->ToClient(
        exchange_, [exchange = exchange_, status, headers = std::move(headers)]() mutable {
          exchange->transport->ReceiveHead(exchange, status, std::move(headers));
        });
  }

  void Write(std::shared_ptr<const std::string> data) override {
    if (exchange_->transport == nullptr) return;
    exchange_->queued += data->size();
    exchange_->transport->ToClient(exchange_, [exchange = exchange_, data = std::move(data)] {
      exchange->transport->ReceiveData(exchange, *data);
    });
  }

  void Close() override {
    exchange_->complete = true;
    exchange_->gone = nullptr;
    if (exchange_->transport == nullptr) return;
    exchange_->transport->ToClient(exchange_, [exchange = exchange_] {
      exchange->transport->Finish(exchange, absl::OkStatus());
    });
  }

  std::size_t queued_bytes() const override { return exchange_->queued; }

  void OnGone(std::function<void()> gone) override {
    if (!exchange_->complete) exchange_->gone = std::move(gone);
  }

 private:
  const std::shared_ptr<Exchange> exchange_;
};

SimTransport::SimTransport(net::EventLoop& loop, net::HttpHandler* server,
                           SimNetworkOptions options)
    : loop_(loop), server_(server), options_(std::move(options)), random_(options_.seed) {}

SimTransport::~SimTransport() {
  while (!exchanges_.empty()) Cancel(exchanges_.begin()->first);
}

net::RequestId SimTransport::Send(net::HttpRequest request, net::RequestOptions options,
                                  Done done) {
  auto exchange = std::make_shared<Exchange>();
  exchange->request = std::move(request);
  exchange->request_options = std::move(options);
  exchange->done = std::move(done);
  return Start(std::move(exchange));
}

net::RequestId SimTransport::Stream(net::HttpRequest request, net::StreamOptions options,
                                    net::StreamHandlers handlers) {
  auto exchange = std::make_shared<Exchange>();
  exchange->streamed = true;
  exchange->request = std::move(request);
  exchange->stream_options = options;
  exchange->handlers = std::move(handlers);
  return Start(std::move(exchange));
}

net::RequestId SimTransport::Start(std::shared_ptr<Exchange> exchange) {
  exchange->id = ++last_id_;
  exchange->transport = this;
  exchange->request.peer = options_.peer;
  exchanges_.emplace(exchange->id, exchange);
  const net::SendGate& gate = exchange->request_options.gate;
  if (const absl::Status status = gate ? gate() : absl::OkStatus(); !status.ok()) {
    loop_.RunAfter(absl::ZeroDuration(), [exchange, status] {
      if (exchange->transport == nullptr) return;
      exchange->transport->Finish(exchange, absl::UnavailableError(status.message()));
    });
    return exchange->id;
  }
  if (policy_ != nullptr) exchange->plan = policy_->OnRequest(exchange->request);
  RestartTimeout(exchange, exchange->streamed ? exchange->stream_options.head_timeout
                                              : exchange->request_options.timeout);
  loop_.RunAfter(Latency() + exchange->plan.request_delay, [exchange] {
    if (exchange->transport != nullptr) exchange->transport->Arrive(exchange);
  });
  return exchange->id;
}

absl::Duration SimTransport::Latency() {
  return options_.min_latency + random_.Unit() * (options_.max_latency - options_.min_latency);
}

void SimTransport::Arrive(const std::shared_ptr<Exchange>& exchange) {
  if (server_ == nullptr || exchange->plan.fate == FaultPlan::Fate::kRefuse) {
    Finish(exchange, absl::UnavailableError("connect: connection refused"));
    return;
  }
  if (exchange->plan.fate == FaultPlan::Fate::kLoseRequest) {
    Finish(exchange, absl::AbortedError("connection cut before the response"));
    return;
  }
  server_->Handle(exchange->request, std::make_shared<Sink>(exchange));
}

void SimTransport::ToClient(const std::shared_ptr<Exchange>& exchange,
                            std::function<void()> action) {
  if (exchange->plan.fate == FaultPlan::Fate::kSilence) return;
  const absl::Duration now = loop_.Now().mono;
  exchange->last_arrival =
      std::max(exchange->last_arrival, now + Latency() + exchange->plan.reply_delay);
  loop_.RunAfter(exchange->last_arrival - now, [exchange, action = std::move(action)] {
    if (exchange->transport == nullptr || exchange->frozen) return;
    if (exchange->plan.fate == FaultPlan::Fate::kLoseReply) {
      exchange->transport->Finish(exchange,
                                  absl::AbortedError("connection cut before the response"));
      return;
    }
    action();
  });
}

void SimTransport::ReceiveHead(const std::shared_ptr<Exchange>& exchange, int status,
                               net::Headers headers) {
  if (exchange->plan.cut_after.has_value()) {
    exchange->cut = loop_.RunAfter(*exchange->plan.cut_after, [this, exchange] {
      Finish(exchange, absl::AbortedError("connection cut"));
    });
  }
  if (!exchange->streamed) {
    exchange->response.status = status;
    exchange->response.headers = std::move(headers);
    return;
  }
  RestartTimeout(exchange, exchange->stream_options.idle_timeout);
  exchange->handlers.on_head(status, headers);
}

void SimTransport::ReceiveData(const std::shared_ptr<Exchange>& exchange, std::string_view data) {
  exchange->queued -= std::min(exchange->queued, data.size());
  const FaultPlan& plan = exchange->plan;
  const std::size_t limit =
      std::min(plan.cut_after_bytes.value_or(SIZE_MAX), plan.freeze_after_bytes.value_or(SIZE_MAX));
  const std::string_view taken = data.substr(0, limit - std::min(limit, exchange->received));
  exchange->received += taken.size();
  if (exchange->transport != nullptr && !taken.empty()) {
    if (exchange->streamed) {
      RestartTimeout(exchange, exchange->stream_options.idle_timeout);
      exchange->handlers.on_data(taken);
    } else {
      exchange->response.body.append(taken);
      if (exchange->response.body.size() > exchange->request_options.max_body_bytes) {
        Finish(exchange, absl::ResourceExhaustedError(
                             absl::StrCat("response body is over the limit of ",
                                          exchange->request_options.max_body_bytes, " bytes")));
      }
    }
  }
  if (exchange->received < limit) return;
  if (plan.cut_after_bytes == limit) {
    Finish(exchange, absl::AbortedError("connection cut"));
  } else {
    exchange->frozen = true;
  }
}

void SimTransport::Finish(const std::shared_ptr<Exchange>& exchange, absl::Status status) {
  // A callback may have ended it already, by Cancel; a frozen one ends by timeout or cut alone.
  if (exchange->transport == nullptr || (exchange->frozen && status.ok())) return;
  loop_.Cancel(exchange->timeout);
  loop_.Cancel(exchange->cut);
  exchange->transport = nullptr;
  exchanges_.erase(exchange->id);
  // The server learns that its peer went, unless it has dropped its sink by then.
  loop_.RunAfter(Latency(), [exchange] {
    if (auto gone = std::exchange(exchange->gone, nullptr)) gone();
  });
  if (absl::IsCancelled(status)) return;
  if (exchange->streamed) {
    exchange->handlers.on_end(std::move(status));
  } else if (status.ok()) {
    exchange->done(std::move(exchange->response));
  } else {
    exchange->done(std::move(status));
  }
}

void SimTransport::RestartTimeout(const std::shared_ptr<Exchange>& exchange,
                                  absl::Duration timeout) {
  loop_.Cancel(exchange->timeout);
  exchange->timeout = loop_.RunAfter(timeout, [this, exchange, timeout] {
    Finish(exchange, absl::DeadlineExceededError(
                         absl::StrCat("no response within ", absl::FormatDuration(timeout))));
  });
}

void SimTransport::Cancel(net::RequestId id) {
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;
  const std::shared_ptr<Exchange> exchange = found->second;
  Finish(exchange, absl::CancelledError("cancelled by the caller"));
}

void SimTransport::CutAll() {
  for (auto [id, exchange] : std::map(exchanges_)) {
    loop_.Post([exchange = exchange] {
      if (exchange->transport != nullptr) {
        exchange->transport->Finish(exchange, absl::AbortedError("connection cut"));
      }
    });
  }
}

void SimTransport::FreezeAll() {
  for (const auto& [id, exchange] : exchanges_) exchange->frozen = true;
}

}  // namespace heat_scheduler
