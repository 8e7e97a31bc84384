#include "net/http_client.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "net/client_connection.h"
#include "net/connector.h"
#include "net/http_format.h"
#include "net/proxy.h"
#include "net/url.h"

namespace heat_scheduler::net {

namespace {

// One request or stream, from Send or Stream to its last callback.
struct Call {
  RequestId id = 0;
  std::string label;  // "GET https://host:port/path", for messages.
  std::string wire;   // The request as it is sent.
  BodyRule body_rule = BodyRule::kAsTheHeadSays;
  ParserLimits limits;
  bool is_stream = false;
  bool repeatable = false;
  absl::Duration timeout;       // Until the response is complete; of a stream, its head.
  absl::Duration idle_timeout;  // Of a stream after its head.
  SendGate gate;                // May be empty.
  HttpTransport::Done done;
  StreamHandlers handlers;

  bool sent = false;  // At least one byte may have reached the server.
  bool on_kept_connection = false;
  bool retried = false;
  bool has_slot = false;  // It counts as one of the pool's connections.
  std::shared_ptr<Connector> connector;
  std::shared_ptr<ClientConnection> connection;
  HttpResponse response;
  TimerId timer = 0;
  absl::Duration last_data;
};

bool WritesLength(const HttpRequest& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

absl::StatusOr<std::optional<Url>> ChooseProxy(const Url& server, const ClientOptions& options) {
  std::string text = options.proxy_url;
  if (text.empty() && !options.ignore_environment) text = ProxyFromEnvironment(server);
  if (text.empty() || BypassesProxy(server, "")) return std::optional<Url>();
  // Tools write HTTPS_PROXY=host:port too.
  if (text.find("://") == std::string::npos) text = absl::StrCat("http://", text);
  absl::StatusOr<Url> proxy = ParseUrl(text);
  if (!proxy.ok()) return Annotate(proxy.status(), "proxy");
  if (proxy->tls) {
    return absl::InvalidArgumentError(
        absl::StrCat("proxy \"", text, "\": proxies are reached over http:// only"));
  }
  return std::optional<Url>(*std::move(proxy));
}

}  // namespace

class HttpClient::Impl : public std::enable_shared_from_this<HttpClient::Impl> {
 public:
  Impl(AsioLoop& loop, ClientOptions options) : loop_(loop), options_(std::move(options)) {}

  absl::Status Init() {
    ASSIGN_OR_RETURN(destination_.server, ParseUrl(options_.base_url));
    ASSIGN_OR_RETURN(destination_.proxy, ChooseProxy(destination_.server, options_));
    destination_.timeout = options_.connect_timeout;
    return destination_.server.tls ? SetTls(options_.tls) : absl::OkStatus();
  }

  absl::Status SetTls(const ClientTls& tls) {
    ASSIGN_OR_RETURN(destination_.ssl_context, MakeClientContext(tls));
    destination_.verify = !tls.insecure_skip_verify;
    destination_.server_name = tls.server_name.empty() ? destination_.server.host : tls.server_name;
    return absl::OkStatus();
  }

  RequestId Send(HttpRequest request, RequestOptions options, Done done) {
    auto call = NewCall(request);
    call->limits.body_bytes = options.max_body_bytes;
    call->timeout = options.timeout;
    call->gate = std::move(options.gate);
    call->done = std::move(done);
    return Launch(call, CheckRequest(request));
  }

  RequestId Stream(HttpRequest request, const StreamOptions& options, StreamHandlers handlers) {
    auto call = NewCall(request);
    call->is_stream = true;
    call->limits.body_bytes = std::numeric_limits<std::uint64_t>::max();
    call->timeout = options.head_timeout;
    call->idle_timeout = options.idle_timeout;
    call->handlers = std::move(handlers);
    return Launch(call, CheckRequest(request));
  }

  void Cancel(RequestId id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    const std::shared_ptr<Call> call = found->second;
    Drop(*call);
    Pump();
  }

  // Leaves nothing behind that could call us.
  void Stop() {
    for (const auto& [id, call] : std::exchange(calls_, {})) Detach(*call);
    for (const Idle& idle : std::exchange(idle_, {})) {
      loop_.Cancel(idle.timer);
      idle.connection->Close();
    }
    queue_.clear();
  }

  std::size_t connections() const { return busy_slots_ + idle_.size(); }

 private:
  struct Idle {
    std::shared_ptr<ClientConnection> connection;
    TimerId timer = 0;
  };

  std::shared_ptr<Call> NewCall(const HttpRequest& request) {
    auto call = std::make_shared<Call>();
    call->id = ++last_id_;
    call->label =
        absl::StrCat(request.method, " ", destination_.server.tls ? "https://" : "http://",
                     destination_.server.Authority(false), request.target);
    call->repeatable = request.method == "GET" || request.method == "HEAD";
    if (request.method == "HEAD") call->body_rule = BodyRule::kNone;
    call->wire = FormatRequestHead(
        request, destination_.server.Authority(false),
        WritesLength(request) ? std::optional<std::size_t>(request.body.size()) : std::nullopt);
    call->wire += request.body;
    return call;
  }

  // `request_ok` is what is wrong with the request itself, if anything.
  RequestId Launch(const std::shared_ptr<Call>& call, absl::Status request_ok) {
    calls_.emplace(call->id, call);
    SetTimer(*call, call->timeout);
    loop_.Post([weak = weak_from_this(), id = call->id, request_ok = std::move(request_ok)] {
      const auto self = weak.lock();
      const auto found = self ? self->Find(id) : nullptr;
      if (found == nullptr) return;
      if (!request_ok.ok()) return self->Finish(*found, request_ok);
      if (found->is_stream) return self->Connect(*found);
      self->queue_.push_back(id);
      self->Pump();
    });
    return call->id;
  }

  std::shared_ptr<Call> Find(RequestId id) const {
    const auto found = calls_.find(id);
    return found == calls_.end() ? nullptr : found->second;
  }

  // Gives connections to those that wait for one.
  void Pump() {
    while (!queue_.empty()) {
      const std::shared_ptr<Call> call = Find(queue_.front());
      if (call == nullptr) {
        queue_.pop_front();
        continue;
      }
      // An idle connection is a free place, alive or not.
      if (idle_.empty() && busy_slots_ >= options_.max_connections) return;
      queue_.pop_front();
      if (!MayGoOut(*call)) continue;
      std::shared_ptr<ClientConnection> kept = TakeIdle();
      ++busy_slots_;
      call->has_slot = true;
      if (kept == nullptr) {
        Connect(*call);
      } else {
        call->on_kept_connection = true;
        Transmit(*call, std::move(kept));
      }
    }
  }

  // The most recently used one: the others can then time out.
  std::shared_ptr<ClientConnection> TakeIdle() {
    while (!idle_.empty()) {
      const Idle idle = std::move(idle_.back());
      idle_.pop_back();
      loop_.Cancel(idle.timer);
      if (idle.connection->IsIdle()) return idle.connection;
      idle.connection->Close();
    }
    return nullptr;
  }

  // Asks the call's gate; returns false if the call is at its end, which it is told of later, as
  // its callback may do anything.
  bool MayGoOut(const Call& call) {
    const absl::Status status = call.gate ? call.gate() : absl::OkStatus();
    if (status.ok()) return true;
    loop_.Post([weak = weak_from_this(), id = call.id, status] {
      const auto self = weak.lock();
      const auto found = self ? self->Find(id) : nullptr;
      if (found != nullptr) self->Finish(*found, absl::UnavailableError(status.message()));
    });
    return false;
  }

  void Connect(Call& call) {
    call.connector = std::make_shared<Connector>(loop_, destination_);
    call.connector->Start([weak = weak_from_this(),
                           id = call.id](absl::StatusOr<std::shared_ptr<ByteStream>> stream) {
      const auto self = weak.lock();
      const auto found = self ? self->Find(id) : nullptr;
      if (found == nullptr) {
        if (stream.ok()) (*stream)->Close();
        return;
      }
      found->connector = nullptr;
      if (!stream.ok()) return self->Finish(*found, stream.status());
      // Connecting may have taken long.
      if (!self->MayGoOut(*found)) return (*stream)->Close();
      self->Transmit(*found, std::make_shared<ClientConnection>(*std::move(stream)));
    });
  }

  void Transmit(Call& call, std::shared_ptr<ClientConnection> connection) {
    call.connection = std::move(connection);
    call.sent = true;
    ClientConnection::Events events;
    const auto with_call = [weak = weak_from_this(), id = call.id](auto&& act) {
      const auto self = weak.lock();
      const auto found = self ? self->Find(id) : nullptr;
      if (found != nullptr) act(*self, *found);
    };
    events.on_head = [with_call](int status, Headers headers) {
      with_call([&](Impl& self, Call& found) { self.OnHead(found, status, std::move(headers)); });
    };
    if (call.is_stream) {
      events.on_data = [with_call](std::string_view data) {
        with_call([&](Impl& self, Call& found) {
          found.last_data = self.loop_.Now().mono;
          found.handlers.on_data(data);
        });
      };
    }
    events.on_end = [with_call](ClientConnection::End end) {
      with_call([&](Impl& self, Call& found) { self.OnEnd(found, std::move(end)); });
    };
    // Kept for another attempt if there may be one.
    const bool may_repeat = call.repeatable && call.on_kept_connection;
    call.connection->Start(may_repeat ? call.wire : std::move(call.wire), call.body_rule,
                           call.limits, std::move(events));
  }

  void OnHead(Call& call, int status, Headers headers) {
    if (!call.is_stream) {
      call.response.status = status;
      call.response.headers = std::move(headers);
      return;
    }
    call.last_data = loop_.Now().mono;
    SetIdleTimer(call, call.idle_timeout);
    call.handlers.on_head(status, headers);
  }

  void OnEnd(Call& call, ClientConnection::End end) {
    if (!end.status.ok() && call.on_kept_connection && call.repeatable && !call.retried &&
        !end.answer_begun) {
      call.retried = true;
      call.on_kept_connection = false;
      call.connection = nullptr;
      call.sent = false;
      return Connect(call);
    }
    if (end.reusable && !call.is_stream) {
      Keep(std::exchange(call.connection, nullptr));
    }
    call.response.body = std::move(end.body);
    Finish(call, end.status);
  }

  void Keep(std::shared_ptr<ClientConnection> connection) {
    const auto remove = [weak = weak_from_this(), key = connection.get()] {
      if (const auto self = weak.lock()) self->RemoveIdle(key);
    };
    connection->OnIdleClosed(remove);
    idle_.push_back({std::move(connection), loop_.RunAfter(options_.idle_timeout, remove)});
  }

  void RemoveIdle(const ClientConnection* connection) {
    const auto found = std::find_if(idle_.begin(), idle_.end(), [connection](const Idle& idle) {
      return idle.connection.get() == connection;
    });
    if (found == idle_.end()) return;
    const Idle idle = std::move(*found);
    idle_.erase(found);
    loop_.Cancel(idle.timer);
    idle.connection->Close();
  }

  // Reports the end of the call and gives its connection's place to the next.
  void Finish(Call& call, const absl::Status& status) {
    const auto keep_alive = Find(call.id);
    Drop(call);
    Pump();
    if (call.is_stream) {
      call.handlers.on_end(status.ok() ? status : Annotate(status, call.label));
    } else if (status.ok()) {
      call.done(std::move(call.response));
    } else {
      call.done(Annotate(status, call.label));
    }
  }

  void Drop(Call& call) {
    const auto keep_alive = Find(call.id);
    calls_.erase(call.id);
    Detach(call);
    if (call.has_slot) --busy_slots_;
    call.has_slot = false;
  }

  void Detach(Call& call) {
    loop_.Cancel(std::exchange(call.timer, 0));
    if (call.connector) std::exchange(call.connector, nullptr)->Cancel();
    if (call.connection) std::exchange(call.connection, nullptr)->Close();
  }

  void SetTimer(Call& call, absl::Duration delay) {
    call.timer = loop_.RunAfter(delay, [weak = weak_from_this(), id = call.id] {
      const auto self = weak.lock();
      const auto found = self ? self->Find(id) : nullptr;
      if (found != nullptr) self->OnTimeout(*found);
    });
  }

  void OnTimeout(Call& call) {
    const std::string limit = absl::FormatDuration(call.timeout);
    if (!call.sent) {
      return Finish(
          call, absl::UnavailableError(absl::StrCat("no connection to the server within ", limit)));
    }
    Finish(call,
           absl::DeadlineExceededError(absl::StrCat(
               call.is_stream ? "no response within " : "no complete response within ", limit)));
  }

  // Looks again when the time would be up, rather than setting the timer for each byte.
  void SetIdleTimer(Call& call, absl::Duration delay) {
    loop_.Cancel(call.timer);
    call.timer = loop_.RunAfter(delay, [weak = weak_from_this(), id = call.id] {
      const auto self = weak.lock();
      const auto found = self ? self->Find(id) : nullptr;
      if (found == nullptr) return;
      const absl::Duration left = found->idle_timeout - (self->loop_.Now().mono - found->last_data);
      if (left > absl::ZeroDuration()) return self->SetIdleTimer(*found, left);
      self->Finish(*found, absl::DeadlineExceededError(absl::StrCat(
                               "nothing came for ", absl::FormatDuration(found->idle_timeout))));
    });
  }

  AsioLoop& loop_;
  const ClientOptions options_;
  Destination destination_;
  RequestId last_id_ = 0;
  std::map<RequestId, std::shared_ptr<Call>> calls_;
  std::deque<RequestId> queue_;  // Those that wait for a connection of the pool.
  std::vector<Idle> idle_;
  std::size_t busy_slots_ = 0;
};

HttpClient::HttpClient(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

absl::StatusOr<std::unique_ptr<HttpClient>> HttpClient::Create(AsioLoop& loop,
                                                               ClientOptions options) {
  auto impl = std::make_shared<Impl>(loop, std::move(options));
  RETURN_IF_ERROR(impl->Init());
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(impl)));
}

HttpClient::~HttpClient() { impl_->Stop(); }

RequestId HttpClient::Send(HttpRequest request, RequestOptions options, Done done) {
  return impl_->Send(std::move(request), std::move(options), std::move(done));
}

RequestId HttpClient::Stream(HttpRequest request, StreamOptions options, StreamHandlers handlers) {
  return impl_->Stream(std::move(request), options, std::move(handlers));
}

void HttpClient::Cancel(RequestId id) { impl_->Cancel(id); }

absl::Status HttpClient::SetTls(const ClientTls& tls) { return impl_->SetTls(tls); }

std::size_t HttpClient::connections() const { return impl_->connections(); }

}  // namespace heat_scheduler::net
