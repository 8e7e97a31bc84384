// Credentials that a program prints, kept while they last and renewed in time.
//
// The first run is waited for; later ones go on in a thread of their own while what was before
// stays in force, so that a slow or hanging program delays no request. It runs again before the
// credentials end, after the server refused them, and after a failure, but never more often than
// each kExecPause. One object for all clients of the process that would run the same program, as in
// client-go (plugin/pkg/client/auth/exec, the cache of authenticators). Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "kube/client/exec_plugin.h"

namespace heat_scheduler::kube {

// Between two runs of the program.
inline constexpr absl::Duration kExecPause = absl::Seconds(10);
// So long before the end the program runs again, but not before a fifth of their time is left.
inline constexpr absl::Duration kExecMargin = absl::Minutes(2);

class ExecCredentials {
 public:
  using Run = std::function<absl::StatusOr<ExecCredential>(const ExecPlugin&, const Clock&,
                                                           const std::stop_token&)>;

  // Runs the program, waits for it and returns what it said, or why it said nothing. `clock` is
  // borrowed.
  static absl::StatusOr<std::shared_ptr<ExecCredentials>> Create(ExecPlugin plugin,
                                                                 const Clock& clock,
                                                                 Run run = RunExecPlugin);

  // As Create, or returns what was created for an equal plugin before, with its own clock, and is
  // still in use.
  static absl::StatusOr<std::shared_ptr<ExecCredentials>> Of(const ExecPlugin& plugin,
                                                             const Clock& clock);

  // Ends the program if it runs.
  ~ExecCredentials();
  ExecCredentials(const ExecCredentials&) = delete;
  ExecCredentials& operator=(const ExecCredentials&) = delete;

  // Returns what is in force, renewing it if it ends soon; or why the last run failed, once it has
  // ended. Does not wait.
  absl::StatusOr<ExecCredential> Current();

  // Renews what the server has refused. Does not wait.
  void Renew();

 private:
  ExecCredentials(ExecPlugin plugin, const Clock& clock, Run run);
  void StartIfDue(bool refused);
  // Returns why there is nothing to take, or OK.
  absl::Status Take(absl::StatusOr<ExecCredential> said);

  const ExecPlugin plugin_;
  const Clock& clock_;
  const Run run_;

  std::mutex mutex_;
  ExecCredential current_;
  absl::Time renew_at_ = absl::InfiniteFuture();
  absl::Status last_error_;
  absl::Duration ended_at_;  // When the last run did; monotonic.
  bool running_ = false;
  std::jthread thread_;
};

}  // namespace heat_scheduler::kube
