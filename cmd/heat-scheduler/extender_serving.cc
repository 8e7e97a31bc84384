#include "cmd/heat-scheduler/extender_serving.h"

#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/file_reader.h"
#include "base/status.h"
#include "cmd/listen_address.h"
#include "live/log.h"
#include "net/client_certificate.h"
#include "net/url.h"

namespace heat_scheduler {
namespace {

// 5,000 nodes in full are tens of megabytes.
constexpr std::size_t kMaxBodyBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxBodyBytesOnTheWay = std::size_t{256} << 20;
// Clients written in Go keep an idle connection for 90 seconds; who closes it first may meet a
// request that is on its way.
constexpr absl::Duration kIdleTimeout = absl::Seconds(120);

// Returns what the files of the flags hold; they name a certificate.
absl::StatusOr<net::ServerTls> LoadTls(const ExtenderPortFlags& flags, absl::Time now) {
  net::ServerTls tls;
  absl::StatusOr<net::KeyPair> pair =
      net::LoadKeyPair(flags.tls_cert_file, flags.tls_private_key_file, now);
  if (!pair.ok()) return Annotate(pair.status(), flags.prefix + "tls-cert-file");
  tls.key_pair = *std::move(pair);
  if (flags.client_ca_file.empty()) return tls;
  const std::string flag = flags.prefix + "client-ca-file";
  absl::StatusOr<std::string> authorities = ReadFile(flags.client_ca_file);
  if (!authorities.ok()) return Annotate(authorities.status(), flag);
  RETURN_IF_ERROR(
      Annotate(net::CheckAuthorities(*authorities), absl::StrCat(flag, " ", flags.client_ca_file)));
  tls.client_ca_pem = *std::move(authorities);
  return tls;
}

// Refuses a port on which everybody who reaches it may ask, unless that is wanted.
absl::Status CheckWhoMayAsk(const ExtenderPortFlags& flags, const std::string& host) {
  const bool safe = net::IsLoopback(host) || !flags.client_ca_file.empty();
  if (safe) return absl::OkStatus();
  if (!flags.insecure) {
    return absl::InvalidArgumentError(
        absl::StrCat(flags.prefix, "listen ", flags.listen,
                     ": everybody who reaches this address could ask; give ", flags.prefix,
                     "tls-cert-file, ", flags.prefix, "tls-private-key-file and ", flags.prefix,
                     "client-ca-file, listen on 127.0.0.1, or say ", flags.prefix, "insecure"));
  }
  LogWarning("The extender answers everybody who reaches its address",
             {{"address", flags.listen}, {"flag", flags.prefix + "insecure"}});
  return absl::OkStatus();
}

}  // namespace

void AddExtenderPortFlags(CLI::App& app, ExtenderPortFlags& flags) {
  const std::string& prefix = flags.prefix;
  app.add_option(prefix + "listen", flags.listen,
                 "Address and port on which kube-schedulers ask their extender; port 0 is any free "
                 "one")
      ->type_name("HOST:PORT")
      ->each([&flags](const std::string&) { flags.stated = true; })
      ->capture_default_str();
  CLI::Option* certificate =
      app.add_option(prefix + "tls-cert-file", flags.tls_cert_file,
                     "PEM certificate of that port, its chain behind it, read again when it is "
                     "replaced; without it, the port speaks plain HTTP")
          ->type_name("FILE");
  CLI::Option* key = app.add_option(prefix + "tls-private-key-file", flags.tls_private_key_file,
                                    "PEM private key of that certificate")
                         ->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  app.add_option(prefix + "client-ca-file", flags.client_ca_file,
                 "PEM authorities: only clients that show a certificate of one of them may ask")
      ->type_name("FILE")
      ->needs(certificate);
  app.add_flag(prefix + "insecure", flags.insecure,
               "Answer everybody, also beyond the loopback; said again at each start");
}

absl::StatusOr<std::unique_ptr<ExtenderServing>> ExtenderServing::Open(
    net::AsioLoop& loop, net::HttpHandler& handler, const ExtenderPortFlags& flags) {
  const std::string listen = flags.prefix + "listen";
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(flags.listen);
  if (!address.ok()) return Annotate(address.status(), listen);
  RETURN_IF_ERROR(CheckWhoMayAsk(flags, address->host));
  net::ServerOptions options;
  options.host = address->host;
  options.port = address->port;
  options.limits.body_bytes = kMaxBodyBytes;
  options.limits.total_body_bytes = kMaxBodyBytesOnTheWay;
  options.limits.idle_timeout = kIdleTimeout;
  const bool tls = !flags.tls_cert_file.empty();
  const auto load = [flags, &loop] { return LoadTls(flags, loop.Now().wall); };
  if (tls) {
    ASSIGN_OR_RETURN(options.tls, load());
  }
  std::unique_ptr<ExtenderServing> serving(new ExtenderServing);
  auto server = net::HttpServer::Start(loop, handler, options);
  if (!server.ok()) return Annotate(server.status(), listen);
  serving->server_ = *std::move(server);
  if (tls) {
    serving->watch_ = std::make_unique<FileWatch<net::ServerTls>>(
        loop, flags.tls_cert_file, *options.tls, load,
        [raw = serving->server_.get()](const net::ServerTls& changed) {
          return raw->SetTls(changed);
        });
  }
  serving->url_ = UrlOf(tls, {address->host, serving->server_->port()});
  LogInfo(0, "Serving as an extender", {{"url", serving->url_}});
  return serving;
}

}  // namespace heat_scheduler
