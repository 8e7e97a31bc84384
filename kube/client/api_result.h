// What became of a request to the API server: a value, or a failure that says whether the request
// may have been carried out. Value types.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/check.h"
#include "kube/codec.h"

namespace heat_scheduler::kube {

struct ApiFailure {
  enum class Kind {
    kNotSent,     // The server surely did not see it.
    kUnknown,     // It may have been carried out: timed out, or the connection was cut.
    kRefused,     // The server answered with an error; `api` says which.
    kUnreadable,  // The server answered with success, which could not be read.
  };

  Kind kind = Kind::kNotSent;
  // For people: what was asked of which object, what happened, what to do.
  absl::Status status = {};
  // kRefused: what the server said; `code` is set even if the body said nothing.
  ApiStatus api = {};

  // Returns true if a write may have taken effect: its outcome is to be looked up before anything
  // is built on it. An answer of 5xx counts: the server may have given up on a write that its store
  // then made.
  bool maybe_done() const {
    return kind == Kind::kUnknown || kind == Kind::kUnreadable ||
           (kind == Kind::kRefused && api.code >= 500);
  }

  // Returns true if the server answered with this HTTP status.
  bool IsHttp(int code) const { return kind == Kind::kRefused && api.code == code; }

  // Returns true if a resourceVersion or a continue token is too old: 410, or reason Expired.
  bool expired() const;

  // Returns true for 504 "Too large resource version": the server is behind the one asked for.
  bool too_large_resource_version() const;

  // Returns how long the server asks to wait, or zero.
  absl::Duration retry_after() const { return absl::Seconds(api.retry_after_seconds); }
};

// Returns true if the status means that a resourceVersion is too old.
bool IsExpired(const ApiStatus& status);

// Returns true if the status means that the server has not reached a resourceVersion yet.
bool IsTooLargeResourceVersion(const ApiStatus& status);

// A T or a failure.
template <typename T>
class ApiResult {
 public:
  ApiResult(T value) : value_(std::move(value)) {}                 // NOLINT: implicit, as StatusOr.
  ApiResult(ApiFailure failure) : failure_(std::move(failure)) {}  // NOLINT: the same.

  bool ok() const { return value_.has_value(); }
  T& operator*() {
    HS_CHECK(ok(), "the value of a failed request was asked for");
    return *value_;
  }
  const T& operator*() const {
    HS_CHECK(ok(), "the value of a failed request was asked for");
    return *value_;
  }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }
  // Only when not ok().
  const ApiFailure& failure() const {
    HS_CHECK(!ok(), "the failure of a successful request was asked for");
    return failure_;
  }

 private:
  std::optional<T> value_;
  ApiFailure failure_;
};

// The value of a request whose answer says nothing but "done".
struct Accepted {};

}  // namespace heat_scheduler::kube
