#include "kube/client/exec_credentials.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/status.h"

namespace heat_scheduler::kube {

ExecCredentials::ExecCredentials(ExecPlugin plugin, const Clock& clock, Run run)
    : plugin_(std::move(plugin)), clock_(clock), run_(std::move(run)) {}

ExecCredentials::~ExecCredentials() = default;

absl::StatusOr<std::shared_ptr<ExecCredentials>> ExecCredentials::Create(ExecPlugin plugin,
                                                                         const Clock& clock,
                                                                         Run run) {
  std::shared_ptr<ExecCredentials> made(
      new ExecCredentials(std::move(plugin), clock, std::move(run)));
  RETURN_IF_ERROR(made->Take(made->run_(made->plugin_, clock, std::stop_token())));
  return made;
}

absl::StatusOr<std::shared_ptr<ExecCredentials>> ExecCredentials::Of(const ExecPlugin& plugin,
                                                                     const Clock& clock) {
  static std::mutex mutex;
  static std::vector<std::weak_ptr<ExecCredentials>> in_use;
  const std::lock_guard lock(mutex);
  std::erase_if(in_use, [](const auto& known) { return known.expired(); });
  for (const auto& known : in_use) {
    if (auto found = known.lock(); found != nullptr && found->plugin_ == plugin) return found;
  }
  ASSIGN_OR_RETURN(std::shared_ptr<ExecCredentials> made, Create(plugin, clock));
  in_use.push_back(made);
  return made;
}

absl::StatusOr<ExecCredential> ExecCredentials::Current() {
  const std::lock_guard lock(mutex_);
  StartIfDue(false);
  if (!last_error_.ok() && clock_.Now().wall >= current_.expires) return last_error_;
  return current_;
}

void ExecCredentials::Renew() {
  const std::lock_guard lock(mutex_);
  StartIfDue(true);
}

// With the lock held.
void ExecCredentials::StartIfDue(bool refused) {
  const Instant now = clock_.Now();
  const bool due = refused || now.wall >= renew_at_ || !last_error_.ok();
  if (running_ || !due || now.mono - ended_at_ < kExecPause) return;
  running_ = true;
  // The thread before has nothing left to do.
  thread_ = std::jthread([this](const std::stop_token& stop) {
    // What went wrong is told to whoever asks next.
    Take(run_(plugin_, clock_, stop)).IgnoreError();
  });
}

absl::Status ExecCredentials::Take(absl::StatusOr<ExecCredential> said) {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.Now();
  running_ = false;
  ended_at_ = now.mono;
  last_error_ = said.status();
  if (!said.ok()) return last_error_;
  current_ = *std::move(said);
  renew_at_ = current_.expires;
  if (current_.expires != absl::InfiniteFuture()) {
    renew_at_ -= std::min(kExecMargin, (current_.expires - now.wall) / 5);
  }
  return last_error_;
}

}  // namespace heat_scheduler::kube
