#include "cmd/heat-scheduler/secure_serving.h"

#include <utility>

#include "base/status.h"

namespace heat_scheduler {
namespace {

constexpr absl::Duration kReloadPeriod = absl::Minutes(1);

net::ServerTls TlsOf(const net::KeyPair& pair) {
  return {.key_pair = pair, .client_ca_pem = "", .ask_client_certificate = true};
}

// Returns the configuration of a flag, or that of the scheduler's own requests without it.
absl::StatusOr<kube::ClientConfig> ConfigOf(const char* flag, const std::string& kubeconfig,
                                            const kube::ClientConfig& own, absl::Time now) {
  if (kubeconfig.empty()) return own;
  absl::StatusOr<kube::ClientConfig> config = LoadApiConfig(kubeconfig, "", "", now);
  if (!config.ok()) return Annotate(config.status(), flag);
  return config;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SecureServing>> SecureServing::Create(
    net::AsioLoop& loop, SecurePortFlags flags, const kube::ClientConfig& config,
    kube::Decoder& decoder, Metrics& metrics, SecurePort::Checks ready, SecurePort::Checks live,
    std::function<void(const absl::Status& why)> on_failed_lookup) {
  std::unique_ptr<SecureServing> serving(new SecureServing(loop, std::move(flags)));
  const SecurePortFlags& own = serving->flags_;
  const absl::Time now = loop.Now().wall;
  ASSIGN_OR_RETURN(
      const kube::ClientConfig authentication,
      ConfigOf("--authentication-kubeconfig", own.authentication_kubeconfig, config, now));
  ASSIGN_OR_RETURN(
      const kube::ClientConfig authorization,
      ConfigOf("--authorization-kubeconfig", own.authorization_kubeconfig, config, now));
  ASSIGN_OR_RETURN(serving->authentication_,
                   ConnectBare(loop, authentication, decoder, metrics, "/authentication"));
  ASSIGN_OR_RETURN(serving->authorization_,
                   ConnectBare(loop, authorization, decoder, metrics, "/authorization"));
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
  if (flags_.tls_cert_file.empty()) {
    ASSIGN_OR_RETURN(
        const net::KeyPair made,
        net::MakeSelfSigned({hostname, "localhost", "127.0.0.1", "::1"}, loop_.Now().wall));
    options.tls = TlsOf(made);
  } else {
    ASSIGN_OR_RETURN(served_, LoadCertificate());
    options.tls = TlsOf(served_);
    ReloadLater();
  }
  auto server = net::HttpServer::Start(loop_, *port_, std::move(options));
  if (!server.ok()) return Annotate(server.status(), "--secure-port");
  server_ = *std::move(server);
  guard_->Start();
  LogInfo(0, "Serving health and metrics",
          {{"address", flags_.bind_address}, {"port", static_cast<int>(flags_.port)}});
  return absl::OkStatus();
}

absl::StatusOr<net::KeyPair> SecureServing::LoadCertificate() const {
  return net::LoadKeyPair(flags_.tls_cert_file, flags_.tls_private_key_file, loop_.Now().wall);
}

void SecureServing::ReloadLater() {
  reload_timer_ = loop_.RunAfter(kReloadPeriod, [this] { Reload(); });
}

void SecureServing::Reload() {
  ReloadLater();
  absl::StatusOr<net::KeyPair> found = LoadCertificate();
  absl::Status status = found.status();
  if (status.ok()) {
    const bool same =
        found->certificate_pem == served_.certificate_pem && found->key_pem == served_.key_pem;
    if (same) return;
    status = server_->SetTls(TlsOf(*found));
  }
  if (status.ok()) {
    served_ = *std::move(found);
    LogInfo(0, "Serving with a new certificate", {{"file", flags_.tls_cert_file}});
  } else if (throttle_.Allow(loop_.Now().mono)) {
    LogWarning("The new certificate cannot be used, the one before stays",
               {{"file", flags_.tls_cert_file}, {"err", std::string(status.message())}});
  }
}

}  // namespace heat_scheduler
