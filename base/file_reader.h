// Reads files whole: kubeconfigs, tokens, certificates, manifests. Where a FileReader is asked for,
// tests put a table in the place of the disk. Thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace heat_scheduler {

// Returns the content of a file, or an error that names it: NotFound, PermissionDenied,
// InvalidArgument for what is no regular file or too large.
using FileReader = std::function<absl::StatusOr<std::string>(const std::string& path)>;

// Of a configuration, a token, a key or a certificate: a longer file is none of these.
inline constexpr std::size_t kMaxFileBytes = 3 * 1024 * 1024;

// Reads a regular file of the machine, of at most kMaxFileBytes. Never waits: a FIFO or a device is
// refused.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// As ReadFile, for files that may be of another size.
absl::StatusOr<std::string> ReadFileUpTo(const std::string& path, std::size_t max_bytes);

}  // namespace heat_scheduler
