#include "cmd/command_line.h"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/time_text.h"

namespace heat_scheduler {
namespace {

// Returns "-v2" for "-v=2", which users of kube-scheduler write and CLI11 takes for the value "=2".
std::string WithoutShortEquals(std::string argument) {
  const bool is_short = argument.size() > 3 && argument[0] == '-' && argument[1] != '-';
  if (is_short && argument[2] == '=') argument.erase(2, 1);
  return argument;
}

}  // namespace

int ParseAndRun(CLI::App& app, int argc, const char* const* argv,
                const std::function<absl::StatusOr<int>()>& run) {
  std::vector<std::string> arguments;
  for (int i = 0; i < argc; ++i) arguments.push_back(WithoutShortEquals(argv[i]));
  std::vector<const char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
  try {
    app.parse(argc, pointers.data());
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const absl::StatusOr<int> code = run();
  if (code.ok()) return *code;
  std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(),
               std::string(code.status().message()).c_str());
  return 1;
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void AddDurationFlag(CLI::App& app, const std::string& flag, absl::Duration& value,
                     const std::string& help) {
  app.add_option_function<std::string>(
         flag,
         [flag, &value](const std::string& text) {
           const std::optional<absl::Duration> duration = ParseDuration(text);
           if (!duration.has_value()) {
             throw CLI::ValidationError(
                 flag, absl::StrCat("\"", text, "\" is no duration; write 15s, 1m30s or 500ms"));
           }
           value = *duration;
         },
         help)
      ->type_name("DURATION")
      ->default_str(absl::FormatDuration(value));
}

}  // namespace heat_scheduler
