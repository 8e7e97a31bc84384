#include "cmd/heat-scheduler/secure_port_flags.h"

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_join.h"
#include "cmd/command_line.h"
#include "live/authorizer.h"

namespace heat_scheduler {
namespace {

void AddServingFlags(CLI::App& app, SecurePortFlags& flags) {
  app.add_option("--secure-port", flags.port,
                 "HTTPS port of /healthz, /livez, /readyz, /metrics and the other pages; 0 serves "
                 "none")
      ->type_name("PORT")
      ->capture_default_str();
  app.add_option("--bind-address", flags.bind_address, "IP address on which that port listens")
      ->type_name("IP")
      ->capture_default_str();
  CLI::Option* certificate =
      app.add_option("--tls-cert-file", flags.tls_cert_file,
                     "PEM certificate of that port, its chain behind it, read again when it is "
                     "replaced; without it, a self-signed one is made at each start")
          ->type_name("FILE");
  CLI::Option* key = app.add_option("--tls-private-key-file", flags.tls_private_key_file,
                                    "PEM private key of that certificate")
                         ->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
}

void AddAuthenticationFlags(CLI::App& app, SecurePortFlags& flags) {
  app.add_option("--authentication-kubeconfig", flags.authentication_kubeconfig,
                 "API server that says whose a token is, and by which authorities client "
                 "certificates count; without it, the one that is scheduled for")
      ->type_name("FILE");
  app.add_flag("--authentication-skip-lookup", flags.skip_lookup,
               "Don't look up by which authorities client certificates count: only those of "
               "--client-ca-file do");
  app.add_flag("--authentication-tolerate-lookup-failure", flags.tolerate_lookup_failure,
               "Go on, and try again, if that look-up fails at the start")
      ->default_str("true");
  AddDurationFlag(app, "--authentication-token-webhook-cache-ttl", flags.token_ttl,
                  "How long the answer about a token is kept");
  app.add_option("--client-ca-file", flags.client_ca_file,
                 "PEM authorities of client certificates, in place of the cluster's; the common "
                 "name is the user, organizations are groups")
      ->type_name("FILE");
}

void AddAuthorizationFlags(CLI::App& app, SecurePortFlags& flags) {
  app.add_option("--authorization-kubeconfig", flags.authorization_kubeconfig,
                 "API server that says who may read what; without it, the one that is scheduled "
                 "for")
      ->type_name("FILE");
  app.add_option("--authorization-always-allow-paths", flags.always_allow_paths,
                 "Paths that are open to everyone, separated by commas; * at the end of one stands "
                 "for anything")
      ->type_name("PATHS")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check([](const std::string& path) { return std::string(CheckAllowedPath(path).message()); })
      ->default_str(absl::StrJoin(flags.always_allow_paths, ","));
  AddDurationFlag(app, "--authorization-webhook-cache-authorized-ttl", flags.authorized_ttl,
                  "How long it is remembered that somebody may read something");
  AddDurationFlag(app, "--authorization-webhook-cache-unauthorized-ttl", flags.unauthorized_ttl,
                  "How long it is remembered that somebody may not");
}

}  // namespace

void AddSecurePortFlags(CLI::App& app, SecurePortFlags& flags) {
  AddServingFlags(app, flags);
  AddAuthenticationFlags(app, flags);
  AddAuthorizationFlags(app, flags);
}

}  // namespace heat_scheduler
