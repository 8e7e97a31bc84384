#include "cmd/command_line.h"

#include <cstdio>
#include <string>

namespace heat_scheduler {

int ParseAndRun(CLI::App& app, int argc, const char* const* argv,
                const std::function<absl::StatusOr<int>()>& run) {
  try {
    app.parse(argc, argv);
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
