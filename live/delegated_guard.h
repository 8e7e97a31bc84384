// The guard of the secure port as kube-scheduler has it: who asks, and whether they may, is for the
// API server to say.
//
//   open path -> answered   no token, no certificate -> system:anonymous
//   unknown token or certificate, or no review to be had of it -> 401
//   no access -> 403        no access review to be had -> 500
// Refusals have the bodies that kube-scheduler gives: a metav1.Status, or plain text for 500.
// Source: k8s.io/apiserver pkg/endpoints/filters (WithAuthentication, WithAuthorization) and
// pkg/endpoints/handlers/responsewriters/errors.go, v0.36. Unlike there, an open path is not asked
// who it is: a probe does not depend on the API server.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "kube/client/requester.h"
#include "live/authenticator.h"
#include "live/authorizer.h"
#include "live/certificate_authorities.h"
#include "live/log.h"
#include "live/request_guard.h"
#include "net/event_loop.h"

namespace heat_scheduler {

struct AccessOptions {
  CertificateAuthorities::Options certificates;
  absl::Duration token_ttl = absl::Seconds(10);
  AuthorizationOptions authorization;
};

class DelegatedGuard final : public RequestGuard {
 public:
  // Borrows the loop and the requesters, which may be one: the first reviews tokens and reads the
  // ConfigMap, the second reviews access.
  DelegatedGuard(net::EventLoop& loop, kube::Requester& authentication,
                 kube::Requester& authorization, AccessOptions options);

  // Looks up what client certificates count by. Once.
  void Start() { authorities_.Start(); }

  void Check(const net::HttpRequest& request, const std::string& path, Done done) override;

 private:
  net::EventLoop& loop_;
  CertificateAuthorities authorities_;
  Authenticator authenticator_;
  Authorizer authorizer_;
  LogThrottle throttle_;
};

}  // namespace heat_scheduler
