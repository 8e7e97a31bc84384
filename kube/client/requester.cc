#include "kube/client/requester.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler::kube {
namespace {

// A server that asks for a longer pause is asked again after this one.
constexpr absl::Duration kMaxRetryAfter = absl::Minutes(1);
// Of the body of a refused watch, which has no other limit.
constexpr std::size_t kMaxErrorBytes = 64 * 1024;
// Of a body that is no metav1.Status, such as a proxy's page, quoted in a message.
constexpr std::size_t kQuotedBytes = 200;

// Returns "list pods" or "create pods/binding default/web".
std::string Describe(const ApiRequest& request) {
  std::string text = absl::StrCat(ToAbsl(request.verb), " ", ToAbsl(request.resource));
  if (!request.object.empty()) absl::StrAppend(&text, " ", request.object);
  return text;
}

absl::StatusCode CodeOf(int http) {
  switch (http) {
    case 400:
    case 422:
      return absl::StatusCode::kInvalidArgument;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 409:
      return absl::StatusCode::kAborted;
    case 410:
      return absl::StatusCode::kOutOfRange;
    case 429:
      return absl::StatusCode::kResourceExhausted;
    default:
      return http >= 500 ? absl::StatusCode::kUnavailable : absl::StatusCode::kUnknown;
  }
}

// Returns what the reader of the message can do about it, or nothing.
std::string Advice(const ApiRequest& request, int http) {
  if (http == 401) return "; check the token or the client certificate of this user";
  if (http == 403) {
    return absl::StrCat("; allow the verb \"", ToAbsl(request.verb), "\" on resource \"",
                        ToAbsl(request.resource), "\" of API group \"", ToAbsl(request.group),
                        "\" by RBAC, with a ClusterRole and a ClusterRoleBinding for this user");
  }
  if (http == 404 && request.object.empty()) {
    return absl::StrCat("; the server does not serve this resource: check its version and address");
  }
  return "";
}

ApiFailure TransportFailure(const ApiRequest& request, const absl::Status& status) {
  ApiFailure failure;
  if (absl::IsUnavailable(status)) {
    failure.kind = ApiFailure::Kind::kNotSent;
  } else if (absl::IsResourceExhausted(status)) {
    failure.kind = ApiFailure::Kind::kUnreadable;
  } else {
    failure.kind = ApiFailure::Kind::kUnknown;
  }
  failure.status = Annotate(status, Describe(request));
  return failure;
}

}  // namespace

struct Requester::Call {
  CallId id = 0;
  ApiRequest request;
  absl::Duration started;  // Of this try.
  int retries = 0;
  bool refreshed = false;  // After a 401.
  net::RequestId transport_id = 0;
  net::TimerId timer = 0;

  CallOptions options;
  Done done;  // Empty for a stream.

  net::StreamOptions stream_options;
  StreamCallbacks callbacks;
  net::HttpResponse head = {.status = 0};  // Of a stream; the body only when it was refused.

  bool is_read() const { return request.http.method == "GET"; }
};

Requester::Requester(net::HttpTransport& transport, net::EventLoop& loop, Decoder& decoder,
                     RequesterOptions options)
    : transport_(transport), loop_(loop), decoder_(decoder), options_(std::move(options)) {}

Requester::~Requester() {
  while (!calls_.empty()) Cancel(calls_.begin()->first);
}

CallId Requester::Send(ApiRequest request, CallOptions options, Done done) {
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->options = options;
  call->done = std::move(done);
  return Start(std::move(call));
}

CallId Requester::Stream(ApiRequest request, net::StreamOptions options,
                         StreamCallbacks callbacks) {
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->options.max_retries = 0;  // Its owner has a back-off of its own.
  call->stream_options = options;
  call->callbacks = std::move(callbacks);
  return Start(std::move(call));
}

CallId Requester::Start(std::shared_ptr<Call> call) {
  call->id = ++last_id_;
  calls_.emplace(call->id, call);
  Try(call);
  return call->id;
}

void Requester::Cancel(CallId id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  const std::shared_ptr<Call> call = found->second;
  calls_.erase(found);
  loop_.Cancel(call->timer);
  transport_.Cancel(call->transport_id);
}

void Requester::Try(const std::shared_ptr<Call>& call) {
  call->started = loop_.Now().mono;
  net::HttpRequest http = call->request.http;
  http.target.insert(0, options_.path_prefix);
  http.headers.push_back({"Accept", std::string(decoder_.media_type())});
  http.headers.push_back({"User-Agent", options_.user_agent});
  const absl::StatusOr<std::string> authorization = options_.token.Authorization(call->started);
  if (!authorization.ok()) {
    const absl::Status status = absl::UnavailableError(authorization.status().message());
    call->timer = loop_.RunAfter(absl::ZeroDuration(), [this, call, status] {
      Fail(call, TransportFailure(call->request, status));
    });
    return;
  }
  if (!authorization->empty()) http.headers.push_back({"Authorization", *authorization});

  if (call->done) {
    call->transport_id = transport_.Send(std::move(http),
                                         {.timeout = call->options.timeout,
                                          .max_body_bytes = call->options.max_body_bytes,
                                          .gate = call->is_read() ? nullptr : options_.write_gate},
                                         [this, call](absl::StatusOr<net::HttpResponse> response) {
                                           const auto kept = call;
                                           OnResponse(kept, std::move(response));
                                         });
    return;
  }
  call->head = {.status = 0};
  // A callback may cancel the call, and the transport then drops its callbacks while one of them
  // runs: each keeps the call alive by itself.
  call->transport_id =
      transport_.Stream(std::move(http), call->stream_options,
                        {.on_head =
                             [this, call](int status, const net::Headers& headers) {
                               const auto kept = call;
                               Report(*kept, std::to_string(status));
                               kept->head.status = status;
                               kept->head.headers = headers;
                               if (status == 200) kept->callbacks.on_open();
                             },
                         .on_data =
                             [call](std::string_view data) {
                               const auto kept = call;
                               if (kept->head.status == 200) {
                                 kept->callbacks.on_data(data);
                               } else if (kept->head.body.size() + data.size() <= kMaxErrorBytes) {
                                 kept->head.body.append(data);
                               }
                             },
                         .on_end =
                             [this, call](const absl::Status& status) {
                               const auto kept = call;
                               OnStreamEnd(kept, status);
                             }});
}

void Requester::OnResponse(const std::shared_ptr<Call>& call,
                           absl::StatusOr<net::HttpResponse> response) {
  Report(*call, response.ok() ? std::to_string(response->status) : "<error>",
         response.ok() ? response->body.size() : 0);
  if (!response.ok()) {
    Fail(call, TransportFailure(call->request, response.status()));
    return;
  }
  if (response->status >= 200 && response->status < 300) {
    calls_.erase(call->id);
    call->done(*std::move(response));
    return;
  }
  ApiFailure failure = Refusal(call->request, *response);
  if (!TryAgain(call, failure)) Fail(call, std::move(failure));
}

void Requester::OnStreamEnd(const std::shared_ptr<Call>& call, const absl::Status& status) {
  const bool has_head = call->head.status != 0;
  if (has_head && call->head.status != 200) {
    ApiFailure failure = Refusal(call->request, call->head);
    if (!TryAgain(call, failure)) Fail(call, std::move(failure));
    return;
  }
  if (!has_head) {
    Report(*call, "<error>");
    Fail(call, TransportFailure(call->request, status));
    return;
  }
  calls_.erase(call->id);
  StreamEnd end{.opened = true};
  if (!status.ok()) end.failure = TransportFailure(call->request, status);
  call->callbacks.on_end(std::move(end));
}

bool Requester::TryAgain(const std::shared_ptr<Call>& call, const ApiFailure& failure) {
  const auto report = [&] {
    if (options_.on_retry) options_.on_retry(ReportOf(*call, std::to_string(failure.api.code)));
  };
  if (failure.IsHttp(401) && !call->refreshed) {
    call->refreshed = true;
    if (!options_.token.Refresh(loop_.Now().mono)) return false;
    report();
    Try(call);
    return true;
  }
  const bool safe =
      failure.IsHttp(429) || (call->is_read() && failure.retry_after() > absl::ZeroDuration());
  if (!safe || call->retries >= call->options.max_retries) return false;
  report();
  ++call->retries;
  const absl::Duration wait = std::clamp(failure.retry_after(), absl::Seconds(1), kMaxRetryAfter);
  call->timer = loop_.RunAfter(wait, [this, call] { Try(call); });
  return true;
}

void Requester::Fail(const std::shared_ptr<Call>& call, ApiFailure failure) {
  calls_.erase(call->id);
  if (call->done) {
    call->done(std::move(failure));
  } else {
    call->callbacks.on_end({.opened = false, .failure = std::move(failure)});
  }
}

ApiFailure Requester::Refusal(const ApiRequest& request, const net::HttpResponse& response) {
  ApiFailure failure;
  failure.kind = ApiFailure::Kind::kRefused;
  failure.api = decoder_.DecodeStatus(response.body);
  failure.api.code = response.status;
  // Whole seconds, as API servers write it; the header's other form, a date, is not used by them.
  if (const auto seconds = ParseInt64(net::FindHeader(response.headers, "Retry-After"))) {
    failure.api.retry_after_seconds = static_cast<int>(std::clamp<std::int64_t>(*seconds, 0, 3600));
  }
  const std::string said = failure.api.message.empty()
                               ? absl::CHexEscape(response.body.substr(0, kQuotedBytes))
                               : failure.api.message;
  failure.status =
      absl::Status(CodeOf(response.status),
                   absl::StrCat(Describe(request), ": ", response.status,
                                failure.api.reason.empty() ? "" : " ", failure.api.reason,
                                said.empty() ? "" : ": ", said, Advice(request, response.status)));
  return failure;
}

ApiFailure Requester::Unreadable(const ApiRequest& request, const absl::Status& why) {
  ApiFailure failure;
  failure.kind = ApiFailure::Kind::kUnreadable;
  failure.status = Annotate(why, absl::StrCat(Describe(request), ": unreadable answer"));
  return failure;
}

RequestReport Requester::ReportOf(const Call& call, std::string code) const {
  return {.verb = call.request.verb,
          .resource = call.request.resource,
          .code = std::move(code),
          .duration = loop_.Now().mono - call.started,
          .request_bytes = call.request.http.body.size()};
}

void Requester::Report(const Call& call, std::string code, std::size_t response_bytes) {
  if (!options_.on_request) return;
  RequestReport report = ReportOf(call, std::move(code));
  report.response_bytes = response_bytes;
  options_.on_request(report);
}

}  // namespace heat_scheduler::kube
