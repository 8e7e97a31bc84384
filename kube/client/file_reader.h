// Reads small files whole: kubeconfigs, tokens, certificates. A function, so that tests put a table
// in the place of the disk.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace heat_scheduler::kube {

// Returns the content of a file, or an error that names it: NotFound, PermissionDenied,
// InvalidArgument for what is no regular file or too large.
using FileReader = std::function<absl::StatusOr<std::string>(const std::string& path)>;

// A longer file is none of ours.
inline constexpr std::size_t kMaxFileBytes = 3 * 1024 * 1024;

// Reads a regular file of the machine. Never waits: a FIFO or a device is refused.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace heat_scheduler::kube
