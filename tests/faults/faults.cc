#include "tests/faults/faults.h"

#include <iterator>

namespace heat_scheduler {
namespace {

// Binds and watches are few among the requests; so are crashed schedulers.
bool IsOfFewRequests(Fault fault) {
  return (fault >= Fault::kWatchCut && fault <= Fault::kWatchLagging) ||
         (fault >= Fault::kBindConflict && fault <= Fault::kWatchTooLarge) ||
         fault == Fault::kZombieRequest;
}

}  // namespace

const char* FaultName(Fault fault) {
  static constexpr const char* kNames[kFaultCount] = {
      "Refused",       "RequestLost",        "ReplyLost",     "ReplyNever",      "ReplyCut",
      "SlowRequest",   "SlowReply",          "WatchCut",      "WatchCutInEvent", "WatchFrozen",
      "WatchLagging",  "TooManyRequests",    "InternalError", "Unavailable",     "ErrorAfterAction",
      "BindConflict",  "BindForbidden",      "BindLate",      "WatchGone",       "WatchGoneEvent",
      "WatchTooLarge", "EventsReplayed",     "WatchesClosed", "Compacted",       "ServerRestart",
      "Crash",         "CrashBetweenWrites", "ZombieRequest",
  };
  return kNames[static_cast<std::size_t>(fault)];
}

Faults::Faults(std::uint64_t seed) : random_(seed) {
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    if (random_.Chance(0.5)) continue;
    constexpr double kOften[] = {0.1, 0.2, 0.4, 0.6};
    constexpr double kSeldom[] = {0.02, 0.05, 0.15, 0.4};
    const double* chances = IsOfFewRequests(static_cast<Fault>(i)) ? kOften : kSeldom;
    chances_[i] = chances[random_.Below(std::size(kSeldom))];
  }
}

bool Faults::Draw(Fault fault) {
  return !stopped_ && random_.Chance(chances_[static_cast<std::size_t>(fault)]);
}

bool Faults::Strikes(Fault fault) {
  if (!Draw(fault)) return false;
  Count(fault);
  return true;
}

absl::Duration Faults::Delay(absl::Duration longest) {
  const double part = random_.Unit();
  return longest * (part * part * part);
}

}  // namespace heat_scheduler
