#include "base/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/descriptor.h"

namespace heat_scheduler {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  return ReadFileUpTo(path, kMaxFileBytes);
}

absl::StatusOr<std::string> ReadFileUpTo(const std::string& path, std::size_t max_bytes) {
  // Without O_NONBLOCK, opening a FIFO waits for its writer.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  struct stat info {};
  if (fstat(file.get(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is ", S_ISDIR(info.st_mode) ? "a directory" : "not a regular file",
                     "; name a file"));
  }
  std::string content;
  std::array<char, 64 * 1024> buffer;
  while (true) {
    const ssize_t got = read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > max_bytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, " is over the limit of ", max_bytes, " bytes"));
    }
  }
}

}  // namespace heat_scheduler
