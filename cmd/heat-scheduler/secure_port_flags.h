// The flags of the secure port: where it listens, its certificate, and who may read what of it.
// Names and defaults are kube-scheduler's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

struct SecurePortFlags {
  std::uint16_t port = 10259;  // 0: none.
  std::string bind_address = "0.0.0.0";
  std::string tls_cert_file = {};  // Empty: a certificate is made.
  std::string tls_private_key_file = {};

  std::string authentication_kubeconfig = {};  // Empty: as the scheduler's own requests.
  std::string authorization_kubeconfig = {};
  bool skip_lookup = false;
  bool tolerate_lookup_failure = true;
  std::string client_ca_file = {};
  absl::Duration token_ttl = absl::Seconds(10);
  std::vector<std::string> always_allow_paths = {"/healthz", "/readyz", "/livez"};
  absl::Duration authorized_ttl = absl::Seconds(10);
  absl::Duration unauthorized_ttl = absl::Seconds(10);
};

// Adds the flags, which set `flags` and show its values as their defaults.
void AddSecurePortFlags(CLI::App& app, SecurePortFlags& flags);

}  // namespace heat_scheduler
