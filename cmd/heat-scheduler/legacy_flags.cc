#include "cmd/heat-scheduler/legacy_flags.h"

#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "live/log.h"

namespace heat_scheduler {
namespace {

struct LegacyFlag {
  const char* flag;
  const char* instead;
};

constexpr LegacyFlag kWithValue[] = {
    {"--algorithm-provider", "without effect: there are the plugins of the configuration"},
    {"--hard-pod-affinity-symmetric-weight",
     "without effect: hardPodAffinityWeight of InterPodAffinityArgs, or of a policy, holds"},
    {"--kube-api-burst", "without effect: requests are not limited"},
    {"--kube-api-content-type", "without effect: JSON is spoken"},
    {"--kube-api-qps", "without effect: requests are not limited"},
};
constexpr LegacyFlag kSwitches[] = {
    {"--contention-profiling", "without effect: there is no profiling"},
    {"--profiling", "without effect: there is no profiling"},
    {"--use-legacy-policy-config", "without effect: a policy is used where one is named"},
};
constexpr char kLockName[] = "--lock-object-name";
constexpr char kLockNamespace[] = "--lock-object-namespace";
constexpr LegacyFlag kOthers[] = {
    {kLockName, "say --leader-elect-resource-name"},
    {kLockNamespace, "say --leader-elect-resource-namespace"},
    {"--address", "only the probes are served there, and at --secure-port as well"},
    {"--port", "only the probes are served there, and at --secure-port as well"},
    {"--policy-config-file", "convert the policy: heat-scheduler config convert"},
    {"--policy-configmap", "convert the policy: heat-scheduler config convert"},
    {"--scheduler-name", "say schedulerName in the file of --config"},
};

constexpr char kGroup[] = "Flags of kube-scheduler up to 1.22";

void WarnIfGiven(const CLI::App& app, const LegacyFlag& flag, std::vector<std::string>& warnings) {
  if (app.get_option(flag.flag)->count() == 0) return;
  warnings.push_back(absl::StrCat(flag.flag, " is deprecated: ", flag.instead));
}

std::string ValueOf(const CLI::App& app, const char* flag) {
  const CLI::Option* option = app.get_option(flag);
  return option->count() == 0 ? std::string() : option->as<std::string>();
}

}  // namespace

void AddLegacyFlags(CLI::App& app, LegacyFlags& flags) {
  for (const LegacyFlag& flag : kWithValue) {
    app.add_option(flag.flag)->description(flag.instead)->group(kGroup);
  }
  for (const LegacyFlag& flag : kSwitches) app.add_flag(flag.flag, flag.instead)->group(kGroup);
  for (const char* flag : {kLockName, kLockNamespace}) {
    app.add_option(flag)->description("of the lease")->type_name("NAME")->group(kGroup);
  }
  app.add_option("--address", flags.address, "Where the probes are served over plain HTTP")
      ->type_name("ADDRESS")
      ->group(kGroup)
      ->capture_default_str();
  app.add_option("--port", flags.port, "Port of that, if one of the two is given; 0: none")
      ->type_name("PORT")
      ->group(kGroup)
      ->capture_default_str();
}

std::vector<std::string> WarningsOfLegacyFlags(const CLI::App& app) {
  std::vector<std::string> warnings;
  for (const LegacyFlag& flag : kWithValue) WarnIfGiven(app, flag, warnings);
  for (const LegacyFlag& flag : kSwitches) WarnIfGiven(app, flag, warnings);
  for (const LegacyFlag& flag : kOthers) WarnIfGiven(app, flag, warnings);
  return warnings;
}

void ApplyLockFlags(const CLI::App& app, LeaderElectionOptions& options) {
  const std::string name = ValueOf(app, kLockName);
  if (!name.empty()) options.resource_name = name;
  const std::string name_space = ValueOf(app, kLockNamespace);
  if (!name_space.empty()) options.resource_namespace = name_space;
}

bool WantsPlainProbes(const CLI::App& app, const LegacyFlags& flags) {
  const bool given =
      app.get_option("--address")->count() > 0 || app.get_option("--port")->count() > 0;
  return given && flags.port != 0;
}

absl::StatusOr<std::unique_ptr<PlainProbes>> PlainProbes::Open(net::AsioLoop& loop,
                                                               net::HttpHandler& probes,
                                                               const LegacyFlags& flags) {
  std::unique_ptr<PlainProbes> serving(new PlainProbes(probes));
  net::ServerOptions options;
  options.host = flags.address;
  options.port = flags.port;
  auto server = net::HttpServer::Start(loop, *serving, options);
  if (!server.ok()) return Annotate(server.status(), "--port");
  serving->server_ = *std::move(server);
  LogInfo(0, "Serving probes over plain HTTP",
          {{"address", flags.address}, {"port", static_cast<int>(serving->server_->port())}});
  return serving;
}

void PlainProbes::Handle(const net::HttpRequest& request, std::shared_ptr<net::ResponseSink> sink) {
  const std::string path = request.target.substr(0, request.target.find('?'));
  for (const char* probe : {"/healthz", "/livez", "/readyz"}) {
    if (path == probe) return probes_.Handle(request, std::move(sink));
  }
  sink->Send({.status = 404,
              .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
              .body = "only /healthz, /livez and /readyz are served without TLS\n"});
}

}  // namespace heat_scheduler
