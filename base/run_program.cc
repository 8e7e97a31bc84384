#include "base/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/quote.h"

extern char** environ;

namespace heat_scheduler {
namespace {

// How often the deadline, the stop token and the end of the child are looked at.
constexpr int kLookEveryMs = 20;

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Returns our environment with the program's own put over it.
std::vector<std::string> EnvironmentFor(const Program& program) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::any_of(program.env.begin(), program.env.end(),
                                      [&](const auto& own) { return own.first == name; });
    if (!replaced) all.emplace_back(text);
  }
  for (const auto& [name, value] : program.env) all.push_back(absl::StrCat(name, "=", value));
  return all;
}

// A child that is killed, with all of its group, unless it was seen to end.
class Child {
 public:
  // Returns 0, or an errno.
  int Start(const Program& program, int output) {
    std::vector<std::string> words = {program.command};
    words.insert(words.end(), program.args.begin(), program.args.end());
    std::vector<std::string> environment = EnvironmentFor(program);

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    // Nothing of how we treat signals is its business.
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const int error = posix_spawnp(&pid_, program.command.c_str(), &files, &attributes,
                                   Pointers(words).data(), Pointers(environment).data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) pid_ = 0;
    return error;
  }
  ~Child() {
    if (pid_ == 0) return;
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  // Returns true once it has ended; `status` is then as of waitpid.
  bool HasEnded(int& status) {
    if (pid_ == 0) return true;
    if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
    pid_ = 0;
    return true;
  }

 private:
  pid_t pid_ = 0;
};

absl::Status NotStarted(const std::string& name, int error) {
  const std::string message = absl::StrCat("cannot start ", name, ": ");
  if (error == ENOENT) {
    return absl::NotFoundError(
        absl::StrCat(message, "it was not found; install it, or put its folder into PATH"));
  }
  if (error == EACCES) {
    return absl::PermissionDeniedError(absl::StrCat(message, "it may not be executed"));
  }
  return absl::ErrnoToStatus(error, absl::StrCat("cannot start ", name));
}

absl::Status EndedBadly(const std::string& name, int status) {
  return absl::FailedPreconditionError(
      WIFSIGNALED(status) ? absl::StrCat(name, " was ended by signal ", WTERMSIG(status))
                          : absl::StrCat(name, " ended with status ", WEXITSTATUS(status)));
}

// Adds what can be read at once. Returns true at the end of the output.
bool Drain(int fd, std::string& output) {
  char buffer[4096];
  while (output.size() <= kMaxProgramOutputBytes) {
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got > 0) {
      output.append(buffer, static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      return got == 0;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<std::string> RunProgram(const Program& program, absl::Duration timeout,
                                       const std::stop_token& stop) {
  const SystemClock clock;
  const absl::Duration deadline = clock.Now().mono + timeout;
  const std::string name = Quoted(program.command);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return absl::ErrnoToStatus(errno, "pipe2");
  const Descriptor out(ends[0]);
  Descriptor in(ends[1]);
  // The child writes as it is used to.
  fcntl(in.get(), F_SETFL, fcntl(in.get(), F_GETFL) & ~O_NONBLOCK);

  Child child;
  if (const int error = child.Start(program, in.get()); error != 0) return NotStarted(name, error);
  in.Close();
  std::string output;
  bool closed = false;
  int status = 0;
  while (true) {
    pollfd waits{.fd = closed ? -1 : out.get(), .events = POLLIN, .revents = 0};
    poll(&waits, 1, kLookEveryMs);
    // In this order: what it printed before its end is there after it.
    const bool ended = child.HasEnded(status);
    if (!closed) closed = Drain(out.get(), output);
    if (output.size() > kMaxProgramOutputBytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(name, " printed more than ", kMaxProgramOutputBytes, " bytes"));
    }
    if (ended) break;
    if (stop.stop_requested()) return absl::CancelledError(absl::StrCat(name, " was ended"));
    if (clock.Now().mono >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat(name, " took longer than ", absl::FormatDuration(timeout)));
    }
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return EndedBadly(name, status);
  return output;
}

}  // namespace heat_scheduler
