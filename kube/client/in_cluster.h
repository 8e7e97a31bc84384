// The configuration that Kubernetes gives to a pod: the service account's files and two environment
// variables. Source: k8s.io/client-go rest/config.go (InClusterConfig).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/file_reader.h"
#include "kube/client/client_config.h"

namespace heat_scheduler::kube {

inline constexpr std::string_view kServiceAccountRoot =
    "/var/run/secrets/kubernetes.io/serviceaccount";

// The values of KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT; empty if unset.
struct InClusterEnvironment {
  std::string host;
  std::string port;

  // Returns true if both are set, that is, inside a pod.
  bool complete() const { return !host.empty() && !port.empty(); }
};

// Returns the configuration: token (read again as it is rotated), ca.crt and namespace below
// `root`. Errors name the variable or the file.
absl::StatusOr<ClientConfig> LoadInCluster(const InClusterEnvironment& environment,
                                           std::string_view root = kServiceAccountRoot,
                                           const FileReader& reader = ReadFile);

}  // namespace heat_scheduler::kube
