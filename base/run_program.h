// Runs another program to its end and takes what it prints.
//
// The child gets nothing on standard input, our standard error, none of our other files, and a
// process group of its own: when it is late, or nobody waits any more, the whole group is killed.
// Blocks; thread-safe.
#pragma once

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace heat_scheduler {

struct Program {
  std::string command;  // Looked for in PATH unless there is a '/' in it.
  std::vector<std::string> args;
  // Added to our own environment, or in the place of what is there.
  std::vector<std::pair<std::string, std::string>> env;

  friend bool operator==(const Program&, const Program&) = default;
};

// What it may print at most.
inline constexpr std::size_t kMaxProgramOutputBytes = 1024 * 1024;

// Returns what the program printed on standard output. NotFound and PermissionDenied if it cannot
// be started; DeadlineExceeded after `timeout`, Cancelled once `stop` is asked for;
// FailedPrecondition if it ends with another status than 0, ResourceExhausted if it prints too
// much. Messages name the command.
absl::StatusOr<std::string> RunProgram(const Program& program, absl::Duration timeout,
                                       const std::stop_token& stop);

}  // namespace heat_scheduler
