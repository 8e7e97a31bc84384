#include "live/secure_port.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "live/log.h"
#include "live/version.h"
#include "net/url.h"

namespace heat_scheduler {
namespace {

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
    return TextAnswer(500, std::move(report));
  }
  if (!verbose) return TextAnswer(200, "ok");
  absl::StrAppend(&report, ToAbsl(name), " check passed\n");
  return TextAnswer(200, std::move(report));
}

std::string VersionDocument() {
  const nlohmann::json document = {{"gitVersion", absl::StrCat("v", ToAbsl(kVersion))},
                                   {"compiler", absl::StrCat("g++ ", ToAbsl(kCompiler))}};
  return document.dump(2) + "\n";
}

}  // namespace

SecurePort::SecurePort(Metrics& metrics, RequestGuard& guard, Checks ready, Checks live)
    : metrics_(metrics), guard_(guard), ready_(std::move(ready)), live_(std::move(live)) {
  AddPage("/metrics", [this](const net::Target&) {
    metrics_.log_lines_dropped.Set({}, static_cast<double>(LogLinesDropped()));
    return PageAnswer(200, kExposition, metrics_.Text());
  });
  AddPage("/version", [](const net::Target&) { return JsonAnswer(200, VersionDocument()); });
}

void SecurePort::Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) {
  if (request.method != "GET" && request.method != "HEAD") {
    net::HttpResponse response = TextAnswer(405, "method not allowed; use GET\n");
    response.headers.push_back({"Allow", "GET, HEAD"});
    return sink->Send(std::move(response));
  }
  absl::StatusOr<net::Target> target = net::ParseTarget(request.target);
  if (!target.ok()) {
    return sink->Send(TextAnswer(400, absl::StrCat(target.status().message(), "\n")));
  }
  const std::string path = target->path;
  guard_.Check(request, path,
               [this, target = *std::move(target), local = net::IsLoopback(request.peer),
                sink = std::move(sink)](std::optional<net::HttpResponse> refusal) {
                 if (refusal.has_value()) return sink->Send(*std::move(refusal));
                 Answer(target, local, sink);
               });
}

void SecurePort::AddPage(std::string path, Page page) {
  AddStream(std::move(path), [page = std::move(page)](const net::Target& target, const auto& sink) {
    sink->Send(page(target));
  });
}

void SecurePort::Answer(const net::Target& target, bool local,
                        const std::shared_ptr<net::ResponseSink>& sink) const {
  const std::string& path = target.path;
  if (path == "/healthz" || path == "/livez" || path == "/readyz") {
    std::vector<HealthCheck> checks = {{"ping", true, ""}};
    for (HealthCheck& check : path == "/readyz" ? ready_() : live_()) {
      checks.push_back(std::move(check));
    }
    const bool verbose = target.query.count("verbose") > 0;
    return sink->Send(Probe(path.substr(1), checks, verbose, local));
  }
  if (const StreamPage* page = FindPage(path)) return (*page)(target, sink);
  std::string known = "not found; there are: /healthz /livez /readyz";
  for (const auto& [served, page] : pages_) absl::StrAppend(&known, " ", served);
  sink->Send(TextAnswer(404, known + "\n"));
}

const StreamPage* SecurePort::FindPage(const std::string& path) const {
  // Backwards in order: the longest prefix comes first.
  auto found = pages_.upper_bound(path);
  while (found != pages_.begin()) {
    --found;
    if (found->first == path) return &found->second;
    if (found->first.ends_with('/') && path.starts_with(found->first)) return &found->second;
  }
  return nullptr;
}

}  // namespace heat_scheduler
