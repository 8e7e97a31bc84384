#include "kube/client/api_result.h"

#include "absl/strings/match.h"

namespace heat_scheduler::kube {

bool IsExpired(const ApiStatus& status) {
  return status.code == 410 || status.reason == "Expired" || status.reason == "Gone";
}

// The cause "ResourceVersionTooLarge" stands in details, which ApiStatus does not keep; servers
// before 1.17 have the message alone, so the message decides.
bool IsTooLargeResourceVersion(const ApiStatus& status) {
  return (status.code == 504 || status.reason == "Timeout") &&
         absl::StrContains(status.message, "Too large resource version");
}

bool ApiFailure::expired() const { return kind == Kind::kRefused && IsExpired(api); }

bool ApiFailure::too_large_resource_version() const {
  return kind == Kind::kRefused && IsTooLargeResourceVersion(api);
}

}  // namespace heat_scheduler::kube
