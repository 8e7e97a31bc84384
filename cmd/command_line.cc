#include "cmd/command_line.h"

#include <cstdio>
#include <string>
#include <vector>

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

}  // namespace heat_scheduler
