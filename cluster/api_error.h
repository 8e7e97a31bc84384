// What the API server says when it refuses: metav1.Status, with kube-apiserver's reasons and words.
// Source: k8s.io/apimachinery pkg/api/errors (v0.36).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cluster/json.h"

namespace heat_scheduler::cluster {

struct ResourceInfo;

// One reason among several, in details.causes.
struct ErrorCause {
  std::string reason;
  std::string message;
  std::string field;
};

// A refusal. `code` is the HTTP status.
struct ApiError {
  int code = 500;
  std::string reason;
  std::string message;
  std::string name, group, kind;  // details: what it is about; empty fields are left out.
  std::vector<ErrorCause> causes;
  int retry_after_seconds = 0;
};

// A value or the reason why there is none; works with ASSIGN_OR_RETURN.
template <typename T>
class Outcome {
 public:
  Outcome(T value) : value_(std::move(value)) {}         // NOLINT: as absl::StatusOr.
  Outcome(ApiError error) : error_(std::move(error)) {}  // NOLINT: as absl::StatusOr.

  bool ok() const { return value_.has_value(); }
  const ApiError& error() const { return error_; }
  ApiError status() && { return std::move(error_); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  ApiError error_;
};

// Nothing, or the reason for refusing.
using Refusal = std::optional<ApiError>;

// The constructors of k8s.io/apimachinery's errors, by their names.
ApiError NotFound(const ResourceInfo& resource, std::string_view name);
ApiError AlreadyExists(const ResourceInfo& resource, std::string_view name);
// `qualified` is a resource with its subresource and group: "pods/binding", "deployments.apps".
ApiError Conflict(std::string_view qualified, std::string_view name, std::string_view why);
// The conflict of optimistic concurrency.
ApiError ModifiedMeanwhile(const ResourceInfo& resource, std::string_view name);
ApiError Invalid(const ResourceInfo& resource, std::string_view name,
                 std::vector<ErrorCause> causes);
ApiError Forbidden(const ResourceInfo& resource, std::string_view name, std::string_view why);
ApiError BadRequest(std::string_view message);
ApiError MethodNotSupported();
// No such path.
ApiError UnknownPath();
// 410 with reason Expired.
ApiError Expired(std::string_view message);
ApiError TooLargeResourceVersion(std::int64_t wanted, std::int64_t current);
ApiError RequestTooLarge(std::size_t limit);
ApiError UnsupportedMediaType(std::string_view accepted);
ApiError NotAcceptable(std::string_view served);
ApiError TooManyRequests(std::string_view message, int retry_after_seconds);
ApiError InternalError(std::string_view message);

// A cause of Invalid: "field: Required value: detail" and its like.
ErrorCause Required(std::string_view field, std::string_view detail);
ErrorCause InvalidValue(std::string_view field, std::string_view value, std::string_view detail);
ErrorCause ForbiddenField(std::string_view field, std::string_view detail);

// Returns the metav1.Status document of a refusal.
Json ToStatus(const ApiError& error);

}  // namespace heat_scheduler::cluster
