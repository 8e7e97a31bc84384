#include "live/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "base/file_reader.h"
#include "base/numbers.h"
#include "live/metrics_registry.h"

namespace heat_scheduler {
namespace {

// Returns the fields of /proc/self/stat from the third on: the second, the program's name in
// parentheses, may hold blanks.
std::vector<std::string> StatFields() {
  const std::string text = ReadFile("/proc/self/stat").value_or("");
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(text.substr(name_end + 1));
  return {std::istream_iterator<std::string>(rest), std::istream_iterator<std::string>()};
}

// Returns the seconds since 1970 at which the machine started.
std::optional<double> BootTime() {
  std::istringstream lines(ReadFile("/proc/stat").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("btime ")) return ParseDouble(std::string_view(line).substr(6));
  }
  return std::nullopt;
}

std::optional<double> OpenFds() {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  if (error) return std::nullopt;
  // One of them is the directory itself, open for this look.
  return static_cast<double>(std::distance(begin(entry), end(entry)) - 1);
}

}  // namespace

std::string ProcessStatsText() {
  MetricsRegistry registry;
  Counter cpu(registry, "process_cpu_seconds_total", "User and system CPU time spent, in seconds.",
              {});
  Gauge resident(registry, "process_resident_memory_bytes", "Resident memory size in bytes.", {});
  Gauge virtual_memory(registry, "process_virtual_memory_bytes", "Virtual memory size in bytes.",
                       {});
  Gauge open_fds(registry, "process_open_fds", "Number of open file descriptors.", {});
  Gauge max_fds(registry, "process_max_fds", "Maximum number of open file descriptors.", {});
  Gauge start_time(registry, "process_start_time_seconds",
                   "Start time of the process, in seconds since 1970.", {});

  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
  const std::vector<std::string> fields = StatFields();
  // Numbers of proc(5), which counts from 1; fields[0] is its third.
  const auto field = [&](std::size_t number) {
    return ParseDouble(fields[number - 3]).value_or(0);
  };
  if (fields.size() >= 22) {
    cpu.Add({}, (field(14) + field(15)) / ticks);
    virtual_memory.Set({}, field(23));
    resident.Set({}, field(24) * page);
    if (const auto boot = BootTime()) start_time.Set({}, *boot + field(22) / ticks);
  }
  if (const auto count = OpenFds()) open_fds.Set({}, *count);
  if (rlimit limit; getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    max_fds.Set({}, static_cast<double>(limit.rlim_cur));
  }
  return registry.Text();
}

}  // namespace heat_scheduler
