// Which faults there are, how often each strikes in a run, and how often it did.
//
// Every run has its own mix: some faults often, some seldom, some not at all, so that rare
// combinations get a run of their own. Thread-compatible.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "base/random.h"

namespace heat_scheduler {

enum class Fault : std::size_t {
  // The network, on any request.
  kRefused,      // Surely not sent.
  kRequestLost,  // Cut before the server saw it.
  kReplyLost,    // Cut after the server acted.
  kReplyNever,   // The server acts, and nothing comes back until the client's timeout.
  kReplyCut,     // Cut in the middle of the reply.
  kSlowRequest,
  kSlowReply,
  // The network, on a watch.
  kWatchCut,         // The connection breaks; events in it are lost.
  kWatchCutInEvent,  // It breaks in the middle of an event.
  kWatchFrozen,      // Half-open: nothing comes any more, and no end.
  kWatchLagging,     // Events come seconds late: decisions are made on a stale view.
  // The API server.
  kTooManyRequests,   // 429 with Retry-After.
  kInternalError,     // 500, and nothing was done.
  kUnavailable,       // 503, and nothing was done.
  kErrorAfterAction,  // 504 although it was done.
  kBindConflict,      // 409 on a bind, though the pod can be bound.
  kBindForbidden,     // 403 on a bind.
  kBindLate,          // A bind is carried out after the client has given up on it.
  kWatchGone,         // 410 as the answer to a watch.
  kWatchGoneEvent,    // 410 in the stream.
  kWatchTooLarge,     // 504: this server has not got that far yet.
  kEventsReplayed,    // The last events come once more.
  kWatchesClosed,     // All watches end cleanly and early.
  kCompacted,         // History is dropped: continue tokens and versions expire.
  kServerRestart,     // Nobody listens for a while, and the watch history is lost.
  // The scheduler.
  kCrash,               // Between two steps.
  kCrashBetweenWrites,  // Between two requests of one step.
  kZombieRequest,       // A request of the crashed instance is still carried out.
};
inline constexpr std::size_t kFaultCount = static_cast<std::size_t>(Fault::kZombieRequest) + 1;

// Returns the name, as "kReplyLost" without its k.
const char* FaultName(Fault fault);

using FaultCounts = std::array<std::uint64_t, kFaultCount>;

class Faults {
 public:
  // Draws the mix.
  explicit Faults(std::uint64_t seed);

  // Returns true if the fault is to strike this time.
  bool Draw(Fault fault);

  // Counts a fault that struck.
  void Count(Fault fault) { ++counts_[static_cast<std::size_t>(fault)]; }

  // Draws, and counts the fault if it strikes.
  bool Strikes(Fault fault);

  // No fault strikes from now on.
  void Stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

  const FaultCounts& counts() const { return counts_; }
  Random& random() { return random_; }

  // Returns a time up to `longest`, short ones being the more likely.
  absl::Duration Delay(absl::Duration longest);

 private:
  Random random_;
  std::array<double, kFaultCount> chances_ = {};
  FaultCounts counts_ = {};
  bool stopped_ = false;
};

}  // namespace heat_scheduler
