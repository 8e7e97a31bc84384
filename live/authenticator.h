// Says who sent a request to the secure port, as kube-scheduler does: by the headers of a trusted
// proxy, by the client certificate, by the bearer token, in that order, and nobody in particular
// (system:anonymous) if it has none of them. What is shown and not good is refused. Tokens are
// reviewed by the API server, each at most once in `token_ttl`. One thread: the loop's.
// Source: k8s.io/apiserver pkg/authentication/authenticatorfactory/delegating.go, v0.36.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kube/client/requester.h"
#include "live/access_reviews.h"
#include "live/answer_cache.h"
#include "live/certificate_authorities.h"
#include "live/user_info.h"
#include "net/event_loop.h"
#include "net/http.h"

namespace heat_scheduler {

// Returns who a certificate or a trusted proxy's headers name; nothing if the request has neither.
// Unauthenticated if it has a certificate that counts for nothing.
absl::StatusOr<std::optional<UserInfo>> UserByCertificate(
    const net::HttpRequest& request, const CertificateAuthentication& authentication,
    absl::Time now);

class Authenticator {
 public:
  using Done = std::function<void(const absl::StatusOr<UserInfo>& user)>;

  // Borrows all but the last.
  Authenticator(net::EventLoop& loop, kube::Requester& requester,
                const CertificateAuthorities& authorities, absl::Duration token_ttl);

  // Calls `done` once, at once or from the loop, with the user or why there is none.
  void Authenticate(const net::HttpRequest& request, Done done);

 private:
  net::EventLoop& loop_;
  kube::Requester& requester_;
  const CertificateAuthorities& authorities_;
  AnswerCache<std::optional<UserInfo>> tokens_;
};

}  // namespace heat_scheduler
