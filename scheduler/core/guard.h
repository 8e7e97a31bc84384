// Calls a plugin so that what it throws becomes a status that names it.
#pragma once

#include <exception>
#include <optional>

#include "scheduler/core/filtering.h"

namespace heat_scheduler {

template <typename Result>
struct Guarded {
  Result result{};
  std::optional<Status> thrown;  // kError, if it threw.
};

// Makes the call. Returns the error that stands for what it threw, nothing if it returned.
template <typename Call>
std::optional<Status> Caught(const RunningPlugin& running, Call call) {
  try {
    call();
    return std::nullopt;
  } catch (const std::exception& error) {
    return running.Error(error.what());
  } catch (...) {
    return running.Error("it threw something that is no exception");
  }
}

// Returns what `call` returned, or the error that stands for what it threw.
template <typename Result, typename Call>
Guarded<Result> Guard(const RunningPlugin& running, Call call) {
  Guarded<Result> guarded;
  guarded.thrown = Caught(running, [&] { guarded.result = call(); });
  return guarded;
}

}  // namespace heat_scheduler
