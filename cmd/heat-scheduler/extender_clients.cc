#include "cmd/heat-scheduler/extender_clients.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file_reader.h"
#include "base/quote.h"
#include "base/status.h"
#include "live/log.h"

namespace heat_scheduler {
namespace {

absl::StatusOr<std::string> TextOf(const std::string& data, const std::string& file) {
  if (!data.empty() || file.empty()) return data;
  return ReadFile(file);
}

bool IsHttps(const ExtenderConfig& extender) { return extender.url_prefix.starts_with("https://"); }

}  // namespace

absl::StatusOr<net::ClientTls> TlsOf(const ExtenderConfig& extender, absl::Time now) {
  const ExtenderTls& tls = extender.tls;
  net::ClientTls out;
  ASSIGN_OR_RETURN(out.ca_pem, TextOf(tls.ca_data, tls.ca_file));
  ASSIGN_OR_RETURN(out.key_pair.certificate_pem, TextOf(tls.cert_data, tls.cert_file));
  ASSIGN_OR_RETURN(out.key_pair.key_pem, TextOf(tls.key_data, tls.key_file));
  if (!out.key_pair.certificate_pem.empty()) RETURN_IF_ERROR(net::CheckKeyPair(out.key_pair, now));
  out.server_name = tls.server_name;
  out.insecure_skip_verify = tls.insecure || (extender.enable_https && out.ca_pem.empty());
  return out;
}

absl::StatusOr<std::unique_ptr<ExtenderClients>> ExtenderClients::Create(
    net::AsioLoop& loop, const std::vector<ExtenderConfig>& extenders) {
  std::unique_ptr<ExtenderClients> clients(new ExtenderClients);
  for (const ExtenderConfig& extender : extenders) {
    RETURN_IF_ERROR(Annotate(clients->Add(loop, extender),
                             absl::StrCat("extender ", Quoted(extender.url_prefix))));
  }
  return clients;
}

absl::Status ExtenderClients::Add(net::AsioLoop& loop, const ExtenderConfig& extender) {
  net::ClientOptions options{.base_url = extender.url_prefix};
  const auto load = [extender, &loop] { return TlsOf(extender, loop.Now().wall); };
  if (IsHttps(extender)) {
    ASSIGN_OR_RETURN(options.tls, load());
    if (options.tls.insecure_skip_verify) {
      LogWarning("The certificate of an extender is not checked: give tlsConfig.caFile",
                 {{"extender", extender.url_prefix}});
    }
  }
  ASSIGN_OR_RETURN(std::unique_ptr<net::HttpClient> client, net::HttpClient::Create(loop, options));
  if (IsHttps(extender)) {
    watches_.push_back(std::make_unique<FileWatch<net::ClientTls>>(
        loop, extender.url_prefix, options.tls, load,
        [raw = client.get()](const net::ClientTls& tls) { return raw->SetTls(tls); }));
  }
  clients_.push_back(std::move(client));
  return absl::OkStatus();
}

std::vector<net::HttpTransport*> ExtenderClients::transports() const {
  std::vector<net::HttpTransport*> transports;
  for (const auto& client : clients_) transports.push_back(client.get());
  return transports;
}

}  // namespace heat_scheduler
