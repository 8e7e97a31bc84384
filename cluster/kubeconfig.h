// Writes the kubeconfig that leads kubectl and heat-scheduler to an embedded cluster.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace heat_scheduler::cluster {

// Returns a kubeconfig with one context, "heat-cluster". `server` is a URL; `ca_pem` the authority
// that signed its certificate, empty for plain HTTP; `token` is plain ASCII without quotes.
std::string KubeconfigText(std::string_view server, std::string_view ca_pem,
                           std::string_view token);

// Writes a file that only its owner may read (mode 0600): under another name first, then renamed,
// so that whoever waits for `path` never sees half of it. Errors name the path and the cause.
absl::Status WritePrivateFile(const std::string& path, std::string_view content);

}  // namespace heat_scheduler::cluster
