// Sends requests to the API server on behalf of the typed client: adds who we are, tries again
// where that is safe, and turns answers into results whose failures name what was asked and what to
// do about it.
//
// Tried again: 429, which the server promises not to have carried out, for every verb; other
// answers with Retry-After for reads alone; 401 once, if the token has changed since.
// All calls and callbacks are on the loop's thread; no callback runs inside a call. Not destroyed
// inside a callback.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "kube/client/api_result.h"
#include "kube/client/token_source.h"
#include "kube/codec.h"
#include "net/event_loop.h"
#include "net/http_transport.h"

namespace heat_scheduler::kube {

// Names a call under way, its retries included; 0 names none.
using CallId = std::uint64_t;

struct CallOptions {
  absl::Duration timeout = absl::Seconds(30);  // Of each try.
  int max_retries = 10;                        // client-go's number.
  std::size_t max_body_bytes = 3 * 1024 * 1024;
};

// One try of one request, for metrics.
struct RequestReport {
  std::string_view verb;           // "get", "list", "watch", "create", "update", "patch".
  std::string_view resource;       // "pods", "pods/binding", ...
  std::string code;                // "200", or "<error>" if there was no answer.
  absl::Duration duration;         // Until the answer, or until the head of a watch.
  std::size_t request_bytes = 0;   // Of the body.
  std::size_t response_bytes = 0;  // Of the body; 0 for a watch.
};

// What is asked, in HTTP and in words.
struct ApiRequest {
  std::string_view verb;      // As in RBAC; static text.
  std::string_view group;     // As in RBAC; static text.
  std::string_view resource;  // "pods/binding"; static text.
  std::string object;         // "default/web", or empty for a collection.
  net::HttpRequest http;
};

// How a stream ended.
struct StreamEnd {
  bool opened = false;  // The server had answered 200.
  // OK if it opened and the server ended it.
  ApiFailure failure = {};
  bool clean() const { return failure.status.ok(); }
};

struct StreamCallbacks {
  std::function<void()> on_open;
  std::function<void(std::string_view data)> on_data;
  std::function<void(StreamEnd end)> on_end;  // Last, once.
};

struct RequesterOptions {
  std::string user_agent = "heat-scheduler";
  TokenSource token = {};
  // Put before every target: the path of the server's URL, if it has one.
  std::string path_prefix = {};
  // Asked at each try of a write, just before it goes out; one that it refuses is kNotSent.
  net::SendGate write_gate = {};
  // Called with each try, and with each that is to be followed by another. May be empty.
  std::function<void(const RequestReport& report)> on_request = {};
  std::function<void(const RequestReport& report)> on_retry = {};
};

class Requester {
 public:
  using Done = std::function<void(ApiResult<net::HttpResponse> response)>;

  // Borrows all three.
  Requester(net::HttpTransport& transport, net::EventLoop& loop, Decoder& decoder,
            RequesterOptions options);
  // Cancels what is under way.
  ~Requester();
  Requester(const Requester&) = delete;
  Requester& operator=(const Requester&) = delete;

  // Sends the request; `done` gets a response of 2xx or a failure, once, unless cancelled.
  CallId Send(ApiRequest request, CallOptions options, Done done);

  // Sends the request, which is a read, and hands on the body as it comes.
  CallId Stream(ApiRequest request, net::StreamOptions options, StreamCallbacks callbacks);

  // Drops the call: none of its callbacks is called any more. Unknown ids are ignored.
  void Cancel(CallId id);

  // Returns true until the call's last callback begins or it is cancelled.
  bool IsActive(CallId id) const { return calls_.find(id) != calls_.end(); }

  // Returns the failure of a success whose body cannot be read.
  static ApiFailure Unreadable(const ApiRequest& request, const absl::Status& why);

  const TokenSource& token() const { return options_.token; }

 private:
  struct Call;

  CallId Start(std::shared_ptr<Call> call);
  void Try(const std::shared_ptr<Call>& call);
  void OnResponse(const std::shared_ptr<Call>& call, absl::StatusOr<net::HttpResponse> response);
  void OnStreamEnd(const std::shared_ptr<Call>& call, const absl::Status& status);
  // Returns true if the call is tried again.
  bool TryAgain(const std::shared_ptr<Call>& call, const ApiFailure& failure);
  void Fail(const std::shared_ptr<Call>& call, ApiFailure failure);
  ApiFailure Refusal(const ApiRequest& request, const net::HttpResponse& response);
  RequestReport ReportOf(const Call& call, std::string code) const;
  void Report(const Call& call, std::string code, std::size_t response_bytes = 0);

  net::HttpTransport& transport_;
  net::EventLoop& loop_;
  Decoder& decoder_;
  RequesterOptions options_;
  CallId last_id_ = 0;
  std::map<CallId, std::shared_ptr<Call>> calls_;
};

}  // namespace heat_scheduler::kube
