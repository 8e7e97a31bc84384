#include "cmd/heat-scheduler/config_command.h"

#include <cstdio>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/file_reader.h"
#include "base/status.h"
#include "kube/yaml_writer.h"
#include "policy/legacy_policy.h"

namespace heat_scheduler {
namespace {

struct ConvertFlags {
  std::string file;
  std::string scheduler_name = "default-scheduler";
};

absl::StatusOr<int> Convert(const ConvertFlags& flags) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(flags.file));
  ASSIGN_OR_RETURN(const ConvertedPolicy policy,
                   ConvertPolicy(text, flags.file, flags.scheduler_name));
  for (const std::string& warning : policy.warnings) {
    std::fputs(absl::StrCat("heat-scheduler: warning: ", warning, "\n").c_str(), stderr);
  }
  std::fputs(kube::WriteYaml(policy.config).c_str(), stdout);
  return 0;
}

}  // namespace

void AddConfigCommand(CLI::App& app, std::function<absl::StatusOr<int>()>& run) {
  CLI::App* config = app.add_subcommand("config", "Work on files of configuration");
  config->require_subcommand(1);
  CLI::App* convert = config->add_subcommand(
      "convert",
      "Print the KubeSchedulerConfiguration that does what a Policy v1, the file of "
      "kube-scheduler's --policy-config-file, did");
  auto flags = std::make_shared<ConvertFlags>();
  convert->add_option("FILE", flags->file, "The policy, YAML or JSON")->required();
  convert->add_option("--scheduler-name", flags->scheduler_name, "Name of its profile")
      ->type_name("NAME")
      ->capture_default_str();
  convert->callback([&run, flags] { run = [flags] { return Convert(*flags); }; });
}

}  // namespace heat_scheduler
