// Where the API server is and who we are: what a kubeconfig or a pod's own files come down to.
#pragma once

#include <string>

#include "kube/client/token_source.h"
#include "net/tls.h"

namespace heat_scheduler::kube {

// Value type. `server` and, unless it is empty, `proxy_url` parse by net::ParseUrl.
struct ClientConfig {
  std::string server;     // "https://10.0.0.1:6443", with a path if the API lies below one.
  net::ClientTls tls;     // Checked: a client key belongs to its certificate, which is valid.
  std::string proxy_url;  // Empty: as the environment says.
  TokenSource token;
  std::string namespace_ = "default";
  std::string origin;  // For messages: "kubeconfig /home/me/.kube/config: context \"dev\"".
};

}  // namespace heat_scheduler::kube
