#include "kube/client/in_cluster.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler::kube {
namespace {

constexpr std::string_view kOrigin = "in-cluster configuration";

}  // namespace

absl::StatusOr<ClientConfig> LoadInCluster(const InClusterEnvironment& environment,
                                           std::string_view root, const FileReader& reader) {
  if (!environment.complete()) {
    return absl::FailedPreconditionError(absl::StrCat(
        ToAbsl(kOrigin), ": ",
        environment.host.empty() ? "KUBERNETES_SERVICE_HOST" : "KUBERNETES_SERVICE_PORT",
        " is not set; outside a pod, name a kubeconfig with --kubeconfig"));
  }
  const auto port = ParseInt64(environment.port);
  if (!port.has_value() || *port < 1 || *port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(ToAbsl(kOrigin), ": KUBERNETES_SERVICE_PORT \"",
                                                   environment.port, "\" is no port number"));
  }
  ClientConfig config;
  config.origin = kOrigin;
  const bool ipv6 = absl::StrContains(environment.host, ":");
  config.server = ipv6 ? absl::StrCat("https://[", environment.host, "]:", *port)
                       : absl::StrCat("https://", environment.host, ":", *port);

  const std::string directory = absl::StrCat(ToAbsl(root), "/");
  const absl::StatusOr<std::string> ca = reader(directory + "ca.crt");
  if (!ca.ok()) return Annotate(ca.status(), kOrigin);
  config.tls.ca_pem = *ca;

  config.token = TokenSource::BearerFile(directory + "token", reader);
  RETURN_IF_ERROR(Annotate(config.token.Authorization(absl::ZeroDuration()).status(), kOrigin));

  // Older kubelets and projected volumes may lack it.
  const absl::StatusOr<std::string> namespace_ = reader(directory + "namespace");
  if (namespace_.ok()) config.namespace_ = std::string(absl::StripAsciiWhitespace(*namespace_));
  return config;
}

}  // namespace heat_scheduler::kube
