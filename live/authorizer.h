// Says whether a user may read a path of the secure port, as kube-scheduler does: some paths are
// everybody's, system:masters may read all, and about anyone else the API server is asked
// (SubjectAccessReview), at most once in `allowed_ttl` or `denied_ttl`. One thread: the loop's.
// Source: k8s.io/apiserver pkg/server/options/authorization.go (DelegatingAuthorizationOptions) and
// pkg/authorization/path, v0.36.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kube/client/requester.h"
#include "live/access_reviews.h"
#include "live/answer_cache.h"
#include "live/user_info.h"
#include "net/event_loop.h"

namespace heat_scheduler {

struct AuthorizationOptions {
  // Open to everyone, without a look at who asks; "*" at the end of one stands for anything.
  std::vector<std::string> always_allow_paths = {"/healthz", "/readyz", "/livez"};
  absl::Duration allowed_ttl = absl::Seconds(10);
  absl::Duration denied_ttl = absl::Seconds(10);
};

// Returns InvalidArgument for a "*" that is not at the end.
absl::Status CheckAllowedPath(std::string_view path);

class Authorizer {
 public:
  using Done = std::function<void(const absl::StatusOr<AccessAnswer>& answer)>;

  // Borrows both. The paths pass CheckAllowedPath.
  Authorizer(net::EventLoop& loop, kube::Requester& requester, AuthorizationOptions options);

  // Returns true if the path is everybody's.
  bool IsOpen(std::string_view path) const;

  // Calls `done` once, at once or from the loop, with the answer or why there is none. `verb` is
  // the method in small letters.
  void Authorize(const UserInfo& user, const std::string& verb, const std::string& path, Done done);

 private:
  kube::Requester& requester_;
  const AuthorizationOptions options_;
  AnswerCache<AccessAnswer> answers_;
};

}  // namespace heat_scheduler
