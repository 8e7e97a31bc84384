#include "cmd/heat-scheduler/secure_serving.h"

#include <utility>

#include "base/status.h"
#include "live/log.h"

namespace heat_scheduler {
namespace {

net::ServerTls TlsOf(const net::KeyPair& pair) {
  return {.key_pair = pair, .client_ca_pem = "", .ask_client_certificate = true};
}

// Returns where a configuration is from: the kubeconfig of a flag, or without it what the
// scheduler's own requests go by.
ConfigLoader LoaderOf(const char* flag, const std::string& kubeconfig, const ConfigLoader& own,
                      const net::AsioLoop& loop) {
  if (kubeconfig.empty()) return own;
  return [flag, kubeconfig, &loop]() -> absl::StatusOr<kube::ClientConfig> {
    absl::StatusOr<kube::ClientConfig> config = LoadApiConfig(kubeconfig, "", "", loop);
    if (!config.ok()) return Annotate(config.status(), flag);
    return config;
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<SecureServing>> SecureServing::Create(
    net::AsioLoop& loop, SecurePortFlags flags, const ConfigLoader& config, kube::Decoder& decoder,
    Metrics& metrics, SecurePort::Checks ready, SecurePort::Checks live,
    std::function<void(const absl::Status& why)> on_failed_lookup) {
  std::unique_ptr<SecureServing> serving(new SecureServing(loop, std::move(flags), metrics));
  const SecurePortFlags& own = serving->flags_;
  ASSIGN_OR_RETURN(serving->authentication_,
                   ConnectBare(loop,
                               LoaderOf("--authentication-kubeconfig",
                                        own.authentication_kubeconfig, config, loop),
                               decoder, metrics, "/authentication"));
  ASSIGN_OR_RETURN(
      serving->authorization_,
      ConnectBare(
          loop, LoaderOf("--authorization-kubeconfig", own.authorization_kubeconfig, config, loop),
          decoder, metrics, "/authorization"));
  if (own.tolerate_lookup_failure) on_failed_lookup = nullptr;
  serving->guard_ = std::make_unique<DelegatedGuard>(
      loop, *serving->authentication_.requester, *serving->authorization_.requester,
      AccessOptions{.certificates = {.client_ca_file = own.client_ca_file,
                                     .look_up = !own.skip_lookup,
                                     .on_failed_lookup = std::move(on_failed_lookup)},
                    .token_ttl = own.token_ttl,
                    .authorization = {.always_allow_paths = own.always_allow_paths,
                                      .allowed_ttl = own.authorized_ttl,
                                      .denied_ttl = own.unauthorized_ttl}});
  serving->port_ =
      std::make_unique<SecurePort>(metrics, *serving->guard_, std::move(ready), std::move(live));
  return serving;
}

absl::Status SecureServing::Open(const std::string& hostname) {
  if (flags_.port == 0) return absl::OkStatus();
  net::ServerOptions options;
  options.host = flags_.bind_address;
  options.port = flags_.port;
  const bool from_files = !flags_.tls_cert_file.empty();
  ASSIGN_OR_RETURN(const net::KeyPair pair,
                   from_files ? LoadCertificate()
                              : net::MakeSelfSigned({hostname, "localhost", "127.0.0.1", "::1"},
                                                    loop_.Now().wall));
  options.tls = TlsOf(pair);
  auto server = net::HttpServer::Start(loop_, *port_, std::move(options));
  if (!server.ok()) return Annotate(server.status(), "--secure-port");
  server_ = *std::move(server);
  NoteExpiration(pair);
  if (from_files) WatchCertificate(pair);
  guard_->Start();
  LogInfo(0, "Serving health and metrics",
          {{"address", flags_.bind_address}, {"port", static_cast<int>(flags_.port)}});
  return absl::OkStatus();
}

absl::StatusOr<net::KeyPair> SecureServing::LoadCertificate() const {
  return net::LoadKeyPair(flags_.tls_cert_file, flags_.tls_private_key_file, loop_.Now().wall);
}

void SecureServing::WatchCertificate(net::KeyPair first) {
  watch_ = std::make_unique<FileWatch<net::KeyPair>>(
      loop_, flags_.tls_cert_file, std::move(first), [this] { return LoadCertificate(); },
      [this](const net::KeyPair& pair) {
        RETURN_IF_ERROR(server_->SetTls(TlsOf(pair)));
        NoteExpiration(pair);
        return absl::OkStatus();
      });
}

void SecureServing::NoteExpiration(const net::KeyPair& pair) {
  const absl::StatusOr<absl::Time> end = net::ExpirationOf(pair.certificate_pem);
  if (!end.ok()) return;
  metrics_.certificate_expiration.Set({"serving"}, absl::ToDoubleSeconds(*end - absl::UnixEpoch()));
}

}  // namespace heat_scheduler
