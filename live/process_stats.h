// What the operating system says of this process, under Prometheus' common names (process_*).
//
// Source: /proc/self/stat, /proc/self/fd, /proc/stat; proc(5).
#pragma once

#include <string>

namespace heat_scheduler {

// Returns the text form of process_cpu_seconds_total, process_resident_memory_bytes,
// process_virtual_memory_bytes, process_open_fds, process_max_fds and process_start_time_seconds;
// what cannot be read is left out.
std::string ProcessStatsText();

}  // namespace heat_scheduler
