#include "cmd/heat-scheduler/port_client.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/clock.h"
#include "base/file_reader.h"
#include "base/status.h"
#include "base/strings.h"
#include "cmd/command_line.h"
#include "kube/client/client_config.h"
#include "kube/client/kubeconfig.h"
#include "kube/client/kubeconfig_files.h"
#include "live/version.h"
#include "net/asio_loop.h"
#include "net/http_client.h"
#include "net/url.h"

namespace heat_scheduler {
namespace {

// Decision records and long lists are large; more than this is no answer of a scheduler.
constexpr std::size_t kMaxAnswerBytes = 256u * 1024 * 1024;
constexpr absl::Duration kTimeout = absl::Seconds(30);

// Returns the user's configuration, or nothing if there is no kubeconfig and none was named.
absl::StatusOr<std::optional<kube::ClientConfig>> LoadUser(const PortClientFlags& flags,
                                                           const Clock& clock) {
  const kube::KubeconfigPaths paths =
      kube::FindKubeconfig(flags.kubeconfig, Environment("KUBECONFIG"), Environment("HOME"));
  auto config = kube::LoadKubeconfig(paths, flags.context, clock);
  if (config.ok()) return std::optional<kube::ClientConfig>(*std::move(config));
  const bool asked_for = !flags.kubeconfig.empty() || !flags.context.empty();
  if (!asked_for && absl::IsNotFound(config.status())) return std::optional<kube::ClientConfig>();
  return config.status();
}

// Returns what the answer says: a Status' message, or its text.
std::string MessageOf(const net::HttpResponse& response) {
  const auto status = nlohmann::json::parse(response.body, nullptr, false);
  if (status.is_object() && status.contains("message") && status["message"].is_string()) {
    return status["message"].get<std::string>();
  }
  return std::string(absl::StripSuffix(response.body, "\n"));
}

absl::Status RefusalOf(const net::HttpResponse& response) {
  const std::string said = absl::StrCat(response.status, ": ", MessageOf(response));
  switch (response.status) {
    case 401:
      return absl::UnauthenticatedError(
          absl::StrCat(said, "; renew the token or the client certificate of this user"));
    case 403:
      return absl::PermissionDeniedError(absl::StrCat(
          said,
          "; give --kubeconfig or --token of a user who may, or allow the verb \"get\" on "
          "this path by a ClusterRole with nonResourceURLs"));
    case 404:
      return absl::NotFoundError(MessageOf(response));
    default:
      return absl::UnknownError(said);
  }
}

absl::Status ConnectError(const absl::Status& status) {
  if (!absl::StrContains(status.message(), "certificate")) {
    return Annotate(status, "the scheduler's secure port");
  }
  return Annotate(
      absl::Status(status.code(),
                   absl::StrCat(status.message(),
                                "; give its authority with --certificate-authority or, if nobody "
                                "can be in between, --insecure-skip-tls-verify")),
      "the scheduler's secure port");
}

}  // namespace

void AddPortClientFlags(CLI::App& app, PortClientFlags& flags, const std::string& outputs) {
  app.add_option("-s,--server", flags.server, "Secure port of the scheduler")
      ->type_name("URL")
      ->capture_default_str();
  app.add_option("--kubeconfig", flags.kubeconfig,
                 "Who asks: the user of this kubeconfig; without it, as kubectl finds one")
      ->type_name("FILE");
  app.add_option("--context", flags.context,
                 "Context of the kubeconfig, in place of its current-context")
      ->type_name("NAME");
  app.add_option("--token", flags.token, "Bearer token, in place of the user's")
      ->type_name("TOKEN");
  CLI::Option* authority =
      app.add_option("--certificate-authority", flags.certificate_authority,
                     "PEM authority of the scheduler's certificate; without it, the system's")
          ->type_name("FILE");
  app.add_flag("--insecure-skip-tls-verify", flags.insecure_skip_tls_verify,
               "Take any certificate: whoever is in between reads the token")
      ->excludes(authority);
  app.add_option("-n,--namespace", flags.namespace_, "Namespace that is asked about")
      ->type_name("NAMESPACE");
  const std::vector<std::string> known = absl::StrSplit(outputs, '|');
  flags.output = known.front();
  app.add_option("-o,--output", flags.output, "Form of the output")
      ->type_name("FORM")
      ->check(CLI::IsMember(known))
      ->capture_default_str();
}

absl::StatusOr<std::string> FetchPage(const PortClientFlags& flags, const std::string& target) {
  net::AsioLoop loop;
  ASSIGN_OR_RETURN(std::optional<kube::ClientConfig> user, LoadUser(flags, loop));
  kube::TokenSource token = user.has_value() ? user->token : kube::TokenSource();
  net::ClientOptions options{.base_url = flags.server};
  if (user.has_value()) options.tls.key_pair = user->tls.key_pair;
  if (!flags.token.empty()) {
    if (!kube::FitsHeader(flags.token)) {
      return absl::InvalidArgumentError("--token holds a line end or another control character");
    }
    token = kube::TokenSource::Bearer(flags.token);
    options.tls.key_pair = {};
  }
  if (!flags.certificate_authority.empty()) {
    absl::StatusOr<std::string> pem = ReadFile(flags.certificate_authority);
    if (!pem.ok()) return Annotate(pem.status(), "--certificate-authority");
    options.tls.ca_pem = *std::move(pem);
  }
  options.tls.insecure_skip_verify = flags.insecure_skip_tls_verify;
  auto client = net::HttpClient::Create(loop, std::move(options));
  if (!client.ok()) return Annotate(client.status(), "--server");
  ASSIGN_OR_RETURN(const net::Url url, net::ParseUrl(flags.server));
  net::HttpRequest request{.target = url.path + target};
  request.headers = {{"Accept", "application/json, text/plain"},
                     {"User-Agent", absl::StrCat("heat-scheduler/", ToAbsl(kVersion), "/client")}};
  ASSIGN_OR_RETURN(const std::string authorization, token.Authorization(loop.Now().mono));
  if (!authorization.empty()) request.headers.push_back({"Authorization", authorization});

  std::optional<absl::StatusOr<net::HttpResponse>> response;
  (*client)->Send(std::move(request), {.timeout = kTimeout, .max_body_bytes = kMaxAnswerBytes},
                  [&](absl::StatusOr<net::HttpResponse> answer) { response = std::move(answer); });
  // The request ends by its own timeout; the slack is for what comes on top of it.
  loop.RunUntil([&] { return response.has_value(); }, kTimeout + absl::Seconds(5));
  if (!response.has_value()) return absl::DeadlineExceededError("the scheduler did not answer");
  if (!response->ok()) return ConnectError(response->status());
  if ((*response)->status != 200) return RefusalOf(**response);
  return std::move((*response)->body);
}

absl::StatusOr<std::string> NamespaceOf(const PortClientFlags& flags) {
  if (!flags.namespace_.empty()) return flags.namespace_;
  const SystemClock clock;
  ASSIGN_OR_RETURN(const std::optional<kube::ClientConfig> user, LoadUser(flags, clock));
  return user.has_value() ? user->namespace_ : std::string("default");
}

}  // namespace heat_scheduler
