// heat-scheduler: places pods whose schedulerName is heat-scheduler. Flags and wiring.
//
// When the configuration changes, everything is made anew from it, as by a restart, in the same
// process. Exit codes: 0 stopped as asked, 1 could not start, lost the lead or was stopped hard, 2
// wrong usage.
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status.h"
#include "base/strings.h"
#include "cmd/command_line.h"
#include "cmd/heat-scheduler/config_command.h"
#include "cmd/heat-scheduler/config_flags.h"
#include "cmd/heat-scheduler/connection.h"
#include "cmd/heat-scheduler/explain_command.h"
#include "cmd/heat-scheduler/extender_clients.h"
#include "cmd/heat-scheduler/extender_command.h"
#include "cmd/heat-scheduler/leader_flags.h"
#include "cmd/heat-scheduler/legacy_flags.h"
#include "cmd/heat-scheduler/live_extender.h"
#include "cmd/heat-scheduler/log_flags.h"
#include "cmd/heat-scheduler/node_temperatures.h"
#include "cmd/heat-scheduler/pending_command.h"
#include "cmd/heat-scheduler/secure_port_flags.h"
#include "cmd/heat-scheduler/secure_serving.h"
#include "kube/client/api_client.h"
#include "kube/client/client_config.h"
#include "kube/codec.h"
#include "kube/documents.h"
#include "live/config_map.h"
#include "live/config_watch.h"
#include "live/driver.h"
#include "live/explain_page.h"
#include "live/leadership.h"
#include "live/log.h"
#include "live/metrics.h"
#include "live/pending_page.h"
#include "live/resource_metrics.h"
#include "live/version.h"
#include "net/asio_loop.h"
#include "policy/leader_election_options.h"
#include "policy/scheduler_config.h"
#include "scheduler/core/scheduler.h"
#include "scheduler/explain/explainer.h"

namespace heat_scheduler {
namespace {

struct Flags {
  ConfigFlags config;
  std::string kubeconfig;
  std::string context;
  SecurePortFlags secure_port;
  LiveExtenderFlags extender;
  LogOptions log;
  std::uint64_t seed = 0;
  std::string tie_break = "rotate";
  bool dry_run = false;
  std::size_t decision_history_bytes = std::size_t{64} << 20;
  LeaderElectionOptions election;
  LegacyFlags legacy;
};

void AddFlags(CLI::App& app, Flags& flags) {
  app.set_version_flag("--version", absl::StrCat("heat-scheduler ", ToAbsl(kVersion)));
  AddConfigFlags(app, flags.config);
  AddPolicyFlags(app, flags.config);
  AddLegacyFlags(app, flags.legacy);
  CLI::Option* kubeconfig =
      app.add_option("--kubeconfig", flags.kubeconfig,
                     "How to reach the API server; without it, as a pod's service account says")
          ->type_name("FILE");
  app.add_option("--context", flags.context,
                 "Context of the kubeconfig, in place of its current-context")
      ->type_name("NAME")
      ->needs(kubeconfig);
  AddSecurePortFlags(app, flags.secure_port);
  AddLiveExtenderFlags(app, flags.extender);
  AddLogFlags(app, flags.log);
  app.add_option("--seed", flags.seed, "Seed of the choice among equally good nodes")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--tie-break", flags.tie_break,
                 "Which of several equally good nodes is taken: one that rotates from decision to "
                 "decision, or the one with the smallest name")
      ->type_name("RULE")
      ->check(CLI::IsMember({"rotate", "smallest-name"}))
      ->capture_default_str();
  app.add_flag(
      "--dry-run", flags.dry_run,
      "Decide and log, with all nodes that were equally good, but write nothing to the API "
      "server: no binding, eviction, status, event or lease");
  app.add_option("--decision-history-bytes", flags.decision_history_bytes,
                 "Memory for what the cluster was at the last decisions, so that they can be "
                 "explained; 0 keeps nothing")
      ->type_name("BYTES")
      ->capture_default_str();
  AddLeaderFlags(app, flags.election);
}

std::string Hostname() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

// As in kube-scheduler, the flags give way to a configuration, also to one that names no file.
absl::StatusOr<kube::ClientConfig> LoadClientConfig(const Flags& flags,
                                                    const ClientConnectionOptions& connection,
                                                    const Clock& clock) {
  const bool by_flags = flags.config.config.empty();
  return LoadApiConfig(by_flags ? flags.kubeconfig : connection.kubeconfig,
                       by_flags ? flags.context : "",
                       "give --kubeconfig FILE or, with --config, clientConnection.kubeconfig in "
                       "that file",
                       clock);
}

void WarnOfIgnoredFlags(const Flags& flags, const ClientConnectionOptions& connection) {
  if (flags.config.config.empty() || flags.kubeconfig.empty()) return;
  LogWarning(
      "The flags --kubeconfig and --context are ignored: with --config, "
      "clientConnection.kubeconfig of the file holds",
      {{"kubeconfig", connection.kubeconfig}});
}

// How a run has ended.
struct RunEnd {
  int exit_code = 0;
  // The text of the configuration to go on with; absent: the program ends.
  std::optional<std::string> new_config = std::nullopt;
};

// SIGHUP: look at the configuration. Any other: stop in order; the second one: stop now, with exit
// code 1.
void HeedSignals(net::AsioLoop& loop, LiveDriver& driver, ConfigWatch* watch, RunEnd& end) {
  loop.OnSignal([&loop, &driver, watch, &end](int signal) {
    if (signal == SIGHUP) {
      if (watch != nullptr) return watch->LookNow();
      return LogInfo(0, "There is no file or ConfigMap of configuration to look at");
    }
    if (end.new_config.has_value()) return end.new_config.reset();  // The end of it, then.
    if (!driver.stopping()) return driver.Stop([&loop] { loop.Stop(); });
    end.exit_code = 1;
    loop.Stop();
  });
}

absl::StatusOr<std::unique_ptr<Scheduler>> MakeMachine(const Flags& flags, LoadedConfig loaded) {
  return Scheduler::Create(
      std::move(loaded.profiles),
      {.seed = flags.seed,
       .tie_rule = flags.tie_break == "rotate" ? TieRule::kRotate : TieRule::kSmallestName,
       .initial_backoff = absl::Seconds(loaded.config.pod_initial_backoff_seconds),
       .max_backoff = absl::Seconds(loaded.config.pod_max_backoff_seconds),
       .keep_best = flags.dry_run,
       .extenders = InCallOrder(loaded.config.extenders),
       .history_bytes = flags.decision_history_bytes});
}

// Extenders are sent pods, and nodes unless they know them by name, as the API has them.
kube::DocumentOptions DocumentsFor(const std::vector<ExtenderConfig>& extenders) {
  kube::DocumentOptions options;
  for (const ExtenderConfig& extender : extenders) {
    if (extender.filter_verb.empty() && extender.prioritize_verb.empty()) continue;
    options.pending_pods = true;
    options.nodes = options.nodes || !extender.node_cache_capable;
  }
  return options;
}

void WarnOfForeignLease(const LeaderElectionOptions& election) {
  if (election.resource_name != "kube-scheduler") return;
  LogWarning(
      "The lease is kube-scheduler's own: of it and heat-scheduler only one works at a time, and "
      "pods of the other's name wait",
      {{"flag", "--leader-elect-resource-name"}, {"lock", election.resource_name}});
}

// Returns the configuration that the text says, with what the flags say on top.
absl::StatusOr<LoadedConfig> Load(const CLI::App& app, const Flags& flags, const std::string& text,
                                  std::vector<std::string>* warnings) {
  ASSIGN_OR_RETURN(LoadedConfig loaded, ParseConfig(flags.config, text, warnings));
  ApplyLockFlags(app, loaded.config.leader_election);
  RETURN_IF_ERROR(ApplyLeaderFlags(app, flags.election, loaded.config.leader_election));
  return loaded;
}

// Returns whether a run could begin with it.
absl::Status CheckUsable(net::AsioLoop& loop, const Flags& flags, LoadedConfig loaded) {
  const SchedulerConfig config = loaded.config;
  RETURN_IF_ERROR(LoadClientConfig(flags, config.client_connection, loop).status());
  RETURN_IF_ERROR(ExtenderProfiles::Create(config).status());
  RETURN_IF_ERROR(ExtenderClients::Create(loop, config.extenders).status());
  return MakeMachine(flags, std::move(loaded)).status();
}

ConfigMapKey PolicyConfigMap(const Flags& flags) {
  return {flags.config.policy_configmap_namespace, flags.config.policy_configmap, kPolicyKey};
}

// Returns the text of the configuration's source at the start; empty if there is none.
absl::StatusOr<std::string> ReadConfigOnce(net::AsioLoop& loop, const Flags& flags) {
  if (flags.config.policy_configmap.empty()) return ReadConfigFile(flags.config);
  constexpr absl::Duration kPatience = absl::Minutes(1);
  Metrics metrics;
  const std::unique_ptr<kube::Decoder> decoder = kube::MakeJsonDecoder();
  ASSIGN_OR_RETURN(const BareConnection connection,
                   ConnectBare(
                       loop, [&] { return LoadClientConfig(flags, {}, loop); }, *decoder, metrics,
                       "/configuration"));
  absl::StatusOr<std::string> text = absl::DeadlineExceededError("no answer");
  bool answered = false;
  ReadConfigMapKey(*connection.requester, PolicyConfigMap(flags),
                   [&](absl::StatusOr<std::string> found) {
                     text = std::move(found);
                     answered = true;
                   });
  loop.RunUntil([&answered] { return answered; }, kPatience);
  if (!text.ok()) return Annotate(text.status(), "--policy-configmap");
  return text;
}

absl::StatusOr<RunEnd> Run(net::AsioLoop& loop, Metrics& metrics, const CLI::App& app,
                           const Flags& flags, LoadedConfig loaded, const std::string& text) {
  const LeaderElectionOptions election = loaded.config.leader_election;
  const absl::Time now = loop.Now().wall;
  WarnOfIgnoredFlags(flags, loaded.config.client_connection);
  const ConfigLoader load = [&flags, &loop, connection = loaded.config.client_connection] {
    return LoadClientConfig(flags, connection, loop);
  };
  ASSIGN_OR_RETURN(const kube::ClientConfig config, load());
  const std::unique_ptr<kube::Decoder> decoder =
      kube::MakeDocumentKeepingDecoder(DocumentsFor(loaded.config.extenders));
  const bool elect = election.leader_elect && !flags.dry_run;
  Leadership leadership(loop);
  net::SendGate gate;
  if (elect) gate = [&leadership] { return leadership.Check(); };
  ASSIGN_OR_RETURN(const Connection work, Connect(loop, load, *decoder, metrics, "", gate));
  ASSIGN_OR_RETURN(const Connection lease,
                   Connect(loop, load, *decoder, metrics, "/leader-election", nullptr));
  const SchedulerConfig configuration = loaded.config;
  ASSIGN_OR_RETURN(const std::unique_ptr<Scheduler> scheduler,
                   MakeMachine(flags, std::move(loaded)));
  ShowNodeTemperatures(configuration, *scheduler, loop, metrics);
  const Explainer explainer(*scheduler, [&configuration](const std::string& name) {
    return MakeProfile(configuration, name);
  });

  RunEnd end;
  // Of jitter and event names, which must differ from those of the last start; of no decision.
  const auto started = static_cast<std::uint64_t>(absl::ToUnixNanos(now));
  DriverOptions options;
  options.hostname = Hostname();
  options.seed = Mix(started, static_cast<std::uint64_t>(getpid()));
  options.dry_run = flags.dry_run;
  if (elect) {
    WarnOfForeignLease(election);
    options.election = {.options = election,
                        .identity = MakeLeaderIdentity(options.hostname),
                        .api = lease.api.get(),
                        .leadership = &leadership,
                        .on_lost = [&loop, &end](const absl::Status&) {
                          end.exit_code = 1;
                          loop.Stop();
                        }};
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<ExtenderClients> extenders,
                   ExtenderClients::Create(loop, scheduler->options().extenders));
  options.extender_transports = extenders->transports();
  LiveDriver driver(loop, *work.api, *scheduler, metrics, std::move(options));

  ASSIGN_OR_RETURN(
      const std::unique_ptr<SecureServing> serving,
      SecureServing::Create(
          loop, flags.secure_port, load, *decoder, metrics,
          [&driver] { return driver.ReadyChecks(); }, [&driver] { return driver.LiveChecks(); },
          [&loop, &end](const absl::Status& why) {
            LogError("The authorities of client certificates cannot be looked up",
                     {{"err", std::string(why.message())},
                      {"flag", "--authentication-tolerate-lookup-failure=false"}});
            end.exit_code = 1;
            loop.Stop();
          }));
  serving->port().AddPage("/pending", PendingPage(*scheduler, loop));
  serving->port().AddStream("/metrics/resources", ResourceMetricsPage(*scheduler, loop));
  serving->port().AddPage(kExplainPath, ExplainPage(explainer));
  RETURN_IF_ERROR(serving->Open(Hostname()));
  // Of requests, whose nodes are repeated from where they stand.
  const std::unique_ptr<kube::Decoder> request_decoder = kube::MakeJsonDecoder();
  ASSIGN_OR_RETURN(const std::unique_ptr<LiveExtender> extender,
                   LiveExtender::Open(loop, *work.api, *request_decoder, *scheduler, driver,
                                      configuration, flags.extender, !flags.dry_run, metrics));
  std::unique_ptr<PlainProbes> probes;
  if (WantsPlainProbes(app, flags.legacy)) {
    ASSIGN_OR_RETURN(probes, PlainProbes::Open(loop, serving->port(), flags.legacy));
  }
  ASSIGN_OR_RETURN(const BareConnection config_connection,
                   ConnectBare(loop, load, *decoder, metrics, "/configuration"));
  std::unique_ptr<ConfigWatch> watch;
  if (!ConfigSource(flags.config).empty()) {
    watch = std::make_unique<ConfigWatch>(
        loop, metrics,
        ConfigWatch::Source{.what = ConfigSource(flags.config),
                            .in_force = text,
                            .read =
                                [&flags, &config_connection](ConfigWatch::Done done) {
                                  if (flags.config.policy_configmap.empty()) {
                                    return done(ReadConfigFile(flags.config));
                                  }
                                  ReadConfigMapKey(*config_connection.requester,
                                                   PolicyConfigMap(flags), std::move(done));
                                },
                            .check = [&](const std::string& changed) -> absl::Status {
                              ASSIGN_OR_RETURN(LoadedConfig next,
                                               Load(app, flags, changed, nullptr));
                              return CheckUsable(loop, flags, std::move(next));
                            }},
        [&](const std::string& changed) {
          if (driver.stopping()) return;
          end.new_config = changed;
          driver.Stop([&loop] { loop.Stop(); });
        });
  }
  HeedSignals(loop, driver, watch.get(), end);
  LogInfo(0, "Starting",
          {{"version", kVersion}, {"server", config.server}, {"configuration", config.origin}});
  if (flags.dry_run) LogInfo(0, "Dry run: nothing is written to the API server");
  driver.Start();
  loop.Run();
  LogInfo(0, "Stopped");
  if (end.exit_code != 0) end.new_config.reset();
  return end;
}

absl::StatusOr<int> RunUntilEnded(const CLI::App& app, const Flags& flags) {
  net::AsioLoop loop;
  Metrics metrics;
  for (const std::string& warning : WarningsOfLegacyFlags(app)) LogWarning(warning);
  ASSIGN_OR_RETURN(std::string text, ReadConfigOnce(loop, flags));
  for (;;) {
    std::vector<std::string> warnings;
    ASSIGN_OR_RETURN(LoadedConfig loaded, Load(app, flags, text, &warnings));
    for (const std::string& warning : warnings) LogWarning(warning);
    ASSIGN_OR_RETURN(RunEnd end, Run(loop, metrics, app, flags, std::move(loaded), text));
    if (!end.new_config.has_value()) return end.exit_code;
    metrics.refresh.clear();  // Whom they asked is gone.
    text = *std::move(end.new_config);
  }
}

int Main(int argc, char** argv) {
  CLI::App app("Schedules pods with schedulerName heat-scheduler: onto the coolest node that fits.",
               "heat-scheduler");
  Flags flags;
  AddFlags(app, flags);
  std::function<absl::StatusOr<int>()> run = [&app, &flags]() -> absl::StatusOr<int> {
    if (flags.config.policy_configmap.empty()) {
      // Mistakes are said as they are, before there is a log.
      ASSIGN_OR_RETURN(const std::string text, ReadConfigFile(flags.config));
      ASSIGN_OR_RETURN(const LoadedConfig loaded, Load(app, flags, text, nullptr));
      ASSIGN_OR_RETURN(const bool done, ValidateOrWrite(flags.config, loaded.config));
      if (done) return 0;
    }
    SetUpLogging(flags.log);
    absl::StatusOr<int> code = RunUntilEnded(app, flags);
    ShutDownLogging();
    return code;
  };
  app.require_subcommand(0, 1);
  AddExplainCommand(app, run);
  AddPendingCommand(app, run);
  AddConfigCommand(app, run);
  AddExtenderCommand(app, run);
  return ParseAndRun(app, argc, argv, [&run] { return run(); });
}

}  // namespace
}  // namespace heat_scheduler

int main(int argc, char** argv) { return heat_scheduler::Main(argc, argv); }
