#include "cmd/heat-scheduler/leader_flags.h"

#include <cstdint>
#include <random>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cmd/command_line.h"

namespace heat_scheduler {
namespace {

// A flag and the option that it sets, by its name in configuration.
struct LeaderFlag {
  const char* flag;
  const char* option;
  void (*copy)(const LeaderElectionOptions& from, LeaderElectionOptions& to);
};

constexpr LeaderFlag kFlags[] = {
    {"--leader-elect", "leaderElect",
     [](const auto& from, auto& to) { to.leader_elect = from.leader_elect; }},
    {"--leader-elect-lease-duration", "leaseDuration",
     [](const auto& from, auto& to) { to.lease_duration = from.lease_duration; }},
    {"--leader-elect-renew-deadline", "renewDeadline",
     [](const auto& from, auto& to) { to.renew_deadline = from.renew_deadline; }},
    {"--leader-elect-retry-period", "retryPeriod",
     [](const auto& from, auto& to) { to.retry_period = from.retry_period; }},
    {"--leader-elect-resource-lock", "resourceLock",
     [](const auto& from, auto& to) { to.resource_lock = from.resource_lock; }},
    {"--leader-elect-resource-name", "resourceName",
     [](const auto& from, auto& to) { to.resource_name = from.resource_name; }},
    {"--leader-elect-resource-namespace", "resourceNamespace",
     [](const auto& from, auto& to) { to.resource_namespace = from.resource_namespace; }},
};

// Returns all mistakes, one a line, each by the flag's name.
absl::Status Check(const LeaderElectionOptions& options) {
  std::vector<std::string> lines;
  for (const LeaderElectionMistake& mistake : FindMistakes(options)) {
    for (const LeaderFlag& flag : kFlags) {
      if (mistake.option != flag.option) continue;
      lines.push_back(absl::StrCat(flag.flag, ": ", mistake.message));
    }
  }
  return lines.empty() ? absl::OkStatus() : absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

}  // namespace

absl::Status ApplyLeaderFlags(const CLI::App& app, const LeaderElectionOptions& flags,
                              LeaderElectionOptions& options) {
  for (const LeaderFlag& flag : kFlags) {
    if (app.get_option(flag.flag)->count() > 0) flag.copy(flags, options);
  }
  return Check(options);
}

void AddLeaderFlags(CLI::App& app, LeaderElectionOptions& options) {
  app.add_flag("--leader-elect", options.leader_elect,
               "Schedule only while holding the lease, so that of several replicas one works")
      ->default_str("true");
  AddDurationFlag(
      app, "--leader-elect-lease-duration", options.lease_duration,
      "How long others wait after the last renewal that they saw before they take over");
  AddDurationFlag(
      app, "--leader-elect-renew-deadline", options.renew_deadline,
      "How long the leader acts after its last renewal; less than the lease's duration");
  AddDurationFlag(app, "--leader-elect-retry-period", options.retry_period,
                  "How long to wait between two tries to take or to renew the lease");
  app.add_option("--leader-elect-resource-lock", options.resource_lock,
                 "Kind of object that says who leads; leases is the only one")
      ->type_name("KIND")
      ->capture_default_str();
  app.add_option("--leader-elect-resource-name", options.resource_name, "Name of that lease")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--leader-elect-resource-namespace", options.resource_namespace,
                 "Namespace of that lease")
      ->type_name("NAMESPACE")
      ->capture_default_str();
  app.parse_complete_callback([&app, &options] {
    // With a configuration they have to go together with what that says.
    const CLI::Option* config = app.get_option_no_throw("--config");
    if (config != nullptr && config->count() > 0) return;
    const absl::Status status = Check(options);
    if (!status.ok()) throw CLI::ValidationError(std::string(status.message()));
  });
}

std::string MakeLeaderIdentity(const std::string& hostname) {
  std::random_device machine;
  const auto word = [&machine] { return static_cast<std::uint32_t>(machine()); };
  const std::uint32_t a = word();
  const std::uint32_t b = word();
  const std::uint32_t c = word();
  const std::uint32_t d = word();
  // RFC 9562: version 4 in the third group, variant 10 in the fourth.
  return absl::StrFormat("%s_%08x-%04x-%04x-%04x-%04x%08x", hostname, a, b >> 16,
                         0x4000u | (b & 0x0fffu), 0x8000u | ((c >> 16) & 0x3fffu), c & 0xffffu, d);
}

}  // namespace heat_scheduler
