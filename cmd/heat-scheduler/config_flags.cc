#include "cmd/heat-scheduler/config_flags.h"

#include <cerrno>
#include <cstdio>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/file_reader.h"
#include "base/status.h"

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

absl::StatusOr<LoadedConfig> LoadConfig(const ConfigFlags& flags) {
  if (flags.config.empty()) return DefaultSchedulerConfig();
  absl::StatusOr<std::string> text = ReadFile(flags.config);
  if (!text.ok()) return Annotate(text.status(), "--config");
  absl::StatusOr<LoadedConfig> loaded = ParseSchedulerConfig(*text, flags.config);
  if (loaded.ok()) return loaded;
  return absl::InvalidArgumentError(
      absl::StrCat("the configuration is refused\n", loaded.status().message()));
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
