#include "live/secure_port.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "live/log.h"
#include "live/version.h"

namespace heat_scheduler {
namespace {

constexpr std::string_view kPlain = "text/plain; charset=utf-8";
constexpr std::string_view kExposition = "text/plain; version=0.0.4; charset=utf-8";

net::HttpResponse Respond(int status, std::string_view content_type, std::string body) {
  return {.status = status,
          .headers = {{"Content-Type", std::string(content_type)},
                      {"Cache-Control", "no-cache, private"},
                      {"X-Content-Type-Options", "nosniff"}},
          .body = std::move(body)};
}

// `peer` is an address, with or without a port: "127.0.0.1:4711", "[::1]:4711".
bool IsLoopback(std::string_view peer) {
  return peer.starts_with("127.") || peer == "::1" || peer.starts_with("[::1]") ||
         peer.starts_with("::ffff:127.") || peer.starts_with("[::ffff:127.");
}

bool WantsVerbose(std::string_view query) {
  return query == "verbose" || query.starts_with("verbose=") || query.starts_with("verbose&") ||
         query.find("&verbose") != std::string_view::npos;
}

// Answers a probe by that name ("readyz") as a Kubernetes component does.
net::HttpResponse Probe(std::string_view name, const std::vector<HealthCheck>& checks, bool verbose,
                        bool tell_why) {
  std::string report;
  bool ok = true;
  for (const HealthCheck& check : checks) {
    ok = ok && check.ok;
    absl::StrAppend(&report, check.ok ? "[+]" : "[-]", check.name, check.ok ? " ok" : " failed: ");
    if (!check.ok) absl::StrAppend(&report, tell_why ? check.problem : "reason withheld");
    report += '\n';
  }
  if (!ok) {
    absl::StrAppend(&report, ToAbsl(name), " check failed\n");
    return Respond(500, kPlain, std::move(report));
  }
  if (!verbose) return Respond(200, kPlain, "ok");
  absl::StrAppend(&report, ToAbsl(name), " check passed\n");
  return Respond(200, kPlain, std::move(report));
}

std::string VersionDocument() {
  const nlohmann::json document = {{"gitVersion", absl::StrCat("v", ToAbsl(kVersion))},
                                   {"compiler", absl::StrCat("g++ ", ToAbsl(kCompiler))}};
  return document.dump(2) + "\n";
}

}  // namespace

void SecurePort::Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) {
  sink->Send(Answer(request));
}

net::HttpResponse SecurePort::Answer(const net::HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    net::HttpResponse response = Respond(405, kPlain, "method not allowed; use GET\n");
    response.headers.push_back({"Allow", "GET, HEAD"});
    return response;
  }
  const std::string_view target = request.target;
  const std::size_t query_at = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, query_at);
  const bool verbose = query_at < target.size() && WantsVerbose(target.substr(query_at + 1));
  const bool local = IsLoopback(request.peer);

  if (path == "/healthz" || path == "/livez" || path == "/readyz") {
    std::vector<HealthCheck> checks = {{"ping", true, ""}};
    for (HealthCheck& check : path == "/readyz" ? ready_() : live_()) {
      checks.push_back(std::move(check));
    }
    return Probe(path.substr(1), checks, verbose, local);
  }
  if (path == "/metrics") {
    if (!local) {
      return Respond(403, kPlain, "metrics are served to loopback peers only\n");
    }
    metrics_.log_lines_dropped.Set({}, static_cast<double>(LogLinesDropped()));
    return Respond(200, kExposition, metrics_.Text());
  }
  if (path == "/version") return Respond(200, "application/json", VersionDocument());
  return Respond(404, kPlain, "not found; there are: /healthz /livez /readyz /metrics /version\n");
}

}  // namespace heat_scheduler
