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
      .on_request = CountRequests(metrics, url.Authority(true)),
      .on_retry = CountRetries(metrics, url.Authority(true))};
}

// Notes when the certificate of these requests ends, if there is one.
void NoteExpiration(const net::ClientTls& tls, Metrics& metrics) {
  const absl::StatusOr<absl::Time> end = net::ExpirationOf(tls.key_pair.certificate_pem);
  if (!end.ok()) return;
  metrics.certificate_expiration.Set({"client"}, absl::ToDoubleSeconds(*end - absl::UnixEpoch()));
}

// Returns null for plain HTTP.
std::unique_ptr<FileWatch<net::ClientTls>> WatchTls(net::AsioLoop& loop,
                                                    const kube::ClientConfig& first,
                                                    const ConfigLoader& load,
                                                    net::HttpClient& client, Metrics& metrics) {
  NoteExpiration(first.tls, metrics);
  if (!first.server.starts_with("https://")) return nullptr;
  return std::make_unique<FileWatch<net::ClientTls>>(
      loop, first.origin, first.tls,
      [load]() -> absl::StatusOr<net::ClientTls> {
        ASSIGN_OR_RETURN(kube::ClientConfig config, load());
        return std::move(config.tls);
      },
      [&client, &metrics](const net::ClientTls& tls) {
        RETURN_IF_ERROR(client.SetTls(tls));
        NoteExpiration(tls, metrics);
        return absl::OkStatus();
      });
}

}  // namespace

absl::StatusOr<Connection> Connect(net::AsioLoop& loop, const ConfigLoader& load,
                                   kube::Decoder& decoder, Metrics& metrics,
                                   const std::string& program, net::SendGate write_gate) {
  Connection connection;
  ASSIGN_OR_RETURN(const kube::ClientConfig config, load());
  ASSIGN_OR_RETURN(kube::RequesterOptions options, MakeOptions(config, metrics, program));
  options.write_gate = std::move(write_gate);
  ASSIGN_OR_RETURN(connection.http, MakeClient(loop, config));
  connection.watch = WatchTls(loop, config, load, *connection.http, metrics);
  connection.api =
      std::make_unique<kube::ApiClient>(*connection.http, loop, decoder, std::move(options));
  return connection;
}

absl::StatusOr<BareConnection> ConnectBare(net::AsioLoop& loop, const ConfigLoader& load,
                                           kube::Decoder& decoder, Metrics& metrics,
                                           const std::string& program) {
  BareConnection connection;
  ASSIGN_OR_RETURN(const kube::ClientConfig config, load());
  ASSIGN_OR_RETURN(kube::RequesterOptions options, MakeOptions(config, metrics, program));
  ASSIGN_OR_RETURN(connection.http, MakeClient(loop, config));
  connection.watch = WatchTls(loop, config, load, *connection.http, metrics);
  connection.requester =
      std::make_unique<kube::Requester>(*connection.http, loop, decoder, std::move(options));
  return connection;
}

absl::StatusOr<kube::ClientConfig> LoadApiConfig(const std::string& kubeconfig,
                                                 const std::string& context,
                                                 const std::string& hint, const Clock& clock) {
  if (!kubeconfig.empty()) {
    return kube::LoadKubeconfig(kube::FindKubeconfig(kubeconfig, "", ""), context, clock);
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
