// Asks the API server who a token belongs to and what a user may read, and reads from it by which
// authorities client certificates count.
//
// Callbacks run once each, on the loop's thread, never inside the call, and not at all after the
// requester's end. Source of the wire forms: k8s.io/api authentication/v1 and authorization/v1
// v0.36; of the ConfigMap: k8s.io/apiserver pkg/server/options
// authentication_dynamic_request_header and dynamiccertificates (configmap_cafile_content.go),
// v0.36.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kube/client/requester.h"
#include "live/user_info.h"

namespace heat_scheduler {

// The answer of a SubjectAccessReview.
struct AccessAnswer {
  bool allowed = false;
  std::string reason = {};  // Why, for people; may be empty.
};

// What kube-system/extension-apiserver-authentication says: whose certificates are good, and which
// proxy may say who its client is.
struct CertificateAuthentication {
  std::string client_ca_pem = {};               // Empty: no client certificate is good.
  std::string request_header_ca_pem = {};       // Empty: no proxy is trusted.
  std::vector<std::string> allowed_names = {};  // Of the proxy's certificate; empty: any name.
  std::vector<std::string> username_headers = {};
  std::vector<std::string> uid_headers = {};
  std::vector<std::string> group_headers = {};
  std::vector<std::string> extra_prefixes = {};
};

// Returns the user of the token, nothing if it is nobody's, or why the API server did not say.
void ReviewToken(kube::Requester& requester, const std::string& token,
                 std::function<void(absl::StatusOr<std::optional<UserInfo>>)> done);

// Asks whether the user may do `verb` ("get") to that path.
void ReviewAccess(kube::Requester& requester, const UserInfo& user, const std::string& verb,
                  const std::string& path, std::function<void(absl::StatusOr<AccessAnswer>)> done);

// Reads the ConfigMap; NotFound if there is none.
void ReadCertificateAuthentication(
    kube::Requester& requester,
    std::function<void(absl::StatusOr<CertificateAuthentication>)> done);

}  // namespace heat_scheduler
