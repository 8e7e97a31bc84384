#include "cmd/heat-scheduler/config_flags.h"

#include <cerrno>
#include <cstdio>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/file_reader.h"
#include "base/status.h"
#include "policy/legacy_policy.h"

namespace heat_scheduler {
namespace {

absl::Status WriteFile(const std::string& path, const std::string& text) {
  const auto fail = [&path] {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
  };
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) return fail();
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  // Some of it may fail as late as here.
  if (std::fclose(file) != 0 || !written) return fail();
  return absl::OkStatus();
}

}  // namespace

void AddConfigFlags(CLI::App& app, ConfigFlags& flags) {
  CLI::Option* config =
      app.add_option("--config", flags.config,
                     "KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1), YAML or JSON; "
                     "without it, one profile heat-scheduler: kube-scheduler's defaults and Heat")
          ->type_name("FILE");
  app.add_flag("--validate-config", flags.validate_config,
               "Say what is wrong with the file of --config, all of it, and exit: 0 if nothing is")
      ->needs(config);
  app.add_option("--write-config-to", flags.write_config_to,
                 "Write the configuration with all defaults filled in, and exit")
      ->type_name("FILE");
}

void AddPolicyFlags(CLI::App& app, ConfigFlags& flags) {
  CLI::Option* config = app.get_option("--config");
  CLI::Option* file =
      app.add_option("--policy-config-file", flags.policy_config_file,
                     "Policy v1 of kube-scheduler up to 1.22, YAML or JSON; deprecated, see "
                     "heat-scheduler config convert")
          ->type_name("FILE")
          ->excludes(config);
  CLI::Option* config_map =
      app.add_option("--policy-configmap", flags.policy_configmap,
                     "ConfigMap with such a policy under the key policy.cfg; deprecated")
          ->type_name("NAME")
          ->excludes(config)
          ->excludes(file);
  app.add_option("--policy-configmap-namespace", flags.policy_configmap_namespace,
                 "Namespace of that ConfigMap; deprecated")
      ->type_name("NAME")
      ->needs(config_map)
      ->capture_default_str();
  app.add_option(
         "--scheduler-name", flags.scheduler_name,
         "schedulerName of the pods; without it heat-scheduler, or default-scheduler with a "
         "policy; deprecated")
      ->type_name("NAME")
      ->excludes(config);
}

std::string ConfigSource(const ConfigFlags& flags) {
  if (!flags.config.empty()) return flags.config;
  if (!flags.policy_config_file.empty()) return flags.policy_config_file;
  if (flags.policy_configmap.empty()) return "";
  return absl::StrCat("configmap ", flags.policy_configmap_namespace, "/", flags.policy_configmap);
}

absl::StatusOr<std::string> ReadConfigFile(const ConfigFlags& flags) {
  const bool policy = flags.config.empty();
  const std::string& path = policy ? flags.policy_config_file : flags.config;
  if (path.empty()) return std::string();
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return Annotate(text.status(), policy ? "--policy-config-file" : "--config");
  return text;
}

absl::StatusOr<LoadedConfig> ParseConfig(const ConfigFlags& flags, const std::string& text,
                                         std::vector<std::string>* warnings) {
  const std::string source = ConfigSource(flags);
  if (source.empty()) return DefaultSchedulerConfig(flags.scheduler_name);
  const auto refuse = [](const absl::Status& status) {
    return absl::InvalidArgumentError(
        absl::StrCat("the configuration is refused\n", status.message()));
  };
  absl::StatusOr<LoadedConfig> loaded;
  if (flags.config.empty()) {
    const std::string name =
        flags.scheduler_name.empty() ? "default-scheduler" : flags.scheduler_name;
    absl::StatusOr<ConvertedPolicy> policy = ConvertPolicy(text, source, name);
    if (!policy.ok()) return refuse(policy.status());
    if (warnings != nullptr) *warnings = std::move(policy->warnings);
    loaded = ParseSchedulerConfig(policy->config.dump(), source);
  } else {
    loaded = ParseSchedulerConfig(text, source);
  }
  if (!loaded.ok()) return refuse(loaded.status());
  return loaded;
}

absl::StatusOr<LoadedConfig> LoadConfig(const ConfigFlags& flags) {
  ASSIGN_OR_RETURN(const std::string text, ReadConfigFile(flags));
  return ParseConfig(flags, text, nullptr);
}

absl::StatusOr<bool> ValidateOrWrite(const ConfigFlags& flags, const SchedulerConfig& config) {
  if (flags.validate_config) std::printf("%s: valid\n", flags.config.c_str());
  if (!flags.write_config_to.empty()) {
    const absl::Status status = WriteFile(flags.write_config_to, WriteSchedulerConfig(config));
    if (!status.ok()) return Annotate(status, "--write-config-to");
  }
  return flags.validate_config || !flags.write_config_to.empty();
}

}  // namespace heat_scheduler
