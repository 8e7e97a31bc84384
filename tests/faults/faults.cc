#include "tests/faults/faults.h"

#include <iterator>

namespace heat_scheduler {

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
  for (double& chance : chances_) {
    if (random_.Chance(0.5)) continue;
    constexpr double kChances[] = {0.02, 0.05, 0.15, 0.4};
    chance = kChances[random_.Below(std::size(kChances))];
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
