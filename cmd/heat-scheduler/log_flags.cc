#include "cmd/heat-scheduler/log_flags.h"

#include <string>

#include "CLI/CLI.hpp"

namespace heat_scheduler {

void AddLogFlags(CLI::App& app, LogOptions& options) {
  app.add_option("-v,--v", options.verbosity,
                 "Log verbosity: 0 starts, stops and trouble; 2 every decision; 4 every object; 6 "
                 "every request")
      ->type_name("N")
      ->check(CLI::Range(0, 10))
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--logging-format",
         [&options](const std::string& format) {
           options.format = format == "json" ? LogFormat::kJson : LogFormat::kText;
         },
         "Form of the log: text, as klog writes it, or one JSON object a line")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
}

}  // namespace heat_scheduler
