#include "cmd/heat-scheduler/connection.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "cmd/command_line.h"
#include "kube/client/in_cluster.h"
#include "kube/client/kubeconfig.h"
#include "kube/client/kubeconfig_files.h"
#include "live/request_metrics.h"
#include "live/version.h"
#include "net/url.h"

namespace heat_scheduler {
namespace {

absl::StatusOr<std::unique_ptr<net::HttpClient>> MakeClient(net::AsioLoop& loop,
                                                            const kube::ClientConfig& config) {
  return net::HttpClient::Create(
      loop, {.base_url = config.server, .tls = config.tls, .proxy_url = config.proxy_url});
}

absl::StatusOr<kube::RequesterOptions> MakeOptions(const kube::ClientConfig& config,
                                                   Metrics& metrics, const std::string& program) {
  ASSIGN_OR_RETURN(const net::Url url, net::ParseUrl(config.server));
  return kube::RequesterOptions{
      .user_agent = absl::StrCat("heat-scheduler/", ToAbsl(kVersion), program),
      .token = config.token,
      .path_prefix = url.path,
      .on_request = CountRequests(metrics, url.Authority(true))};
}

}  // namespace

absl::StatusOr<Connection> Connect(net::AsioLoop& loop, const kube::ClientConfig& config,
                                   kube::Decoder& decoder, Metrics& metrics,
                                   const std::string& program, net::SendGate write_gate) {
  Connection connection;
  ASSIGN_OR_RETURN(kube::RequesterOptions options, MakeOptions(config, metrics, program));
  options.write_gate = std::move(write_gate);
  ASSIGN_OR_RETURN(connection.http, MakeClient(loop, config));
  connection.api =
      std::make_unique<kube::ApiClient>(*connection.http, loop, decoder, std::move(options));
  return connection;
}

absl::StatusOr<BareConnection> ConnectBare(net::AsioLoop& loop, const kube::ClientConfig& config,
                                           kube::Decoder& decoder, Metrics& metrics,
                                           const std::string& program) {
  BareConnection connection;
  ASSIGN_OR_RETURN(kube::RequesterOptions options, MakeOptions(config, metrics, program));
  ASSIGN_OR_RETURN(connection.http, MakeClient(loop, config));
  connection.requester =
      std::make_unique<kube::Requester>(*connection.http, loop, decoder, std::move(options));
  return connection;
}

absl::StatusOr<kube::ClientConfig> LoadApiConfig(const std::string& kubeconfig,
                                                 const std::string& context,
                                                 const std::string& hint, absl::Time now) {
  if (!kubeconfig.empty()) {
    return kube::LoadKubeconfig(kube::FindKubeconfig(kubeconfig, "", ""), context, now);
  }
  const kube::InClusterEnvironment environment{Environment("KUBERNETES_SERVICE_HOST"),
                                               Environment("KUBERNETES_SERVICE_PORT")};
  if (!environment.complete()) {
    return absl::FailedPreconditionError(
        absl::StrCat("no API server is known: this is not a pod (KUBERNETES_SERVICE_HOST and "
                     "KUBERNETES_SERVICE_PORT are not set), so ",
                     hint));
  }
  return kube::LoadInCluster(environment);
}

}  // namespace heat_scheduler
