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

// Returns the error that stands for what the plugin threw. To be called where that is caught.
inline Status StatusOfThrown(const RunningPlugin& running) {
  try {
    throw;
  } catch (const std::exception& error) {
    return running.Error(error.what());
  } catch (...) {
    return running.Error("it threw something that is no exception");
  }
}

// Makes the call. Returns the error that stands for what it threw, nothing if it returned.
template <typename Call>
std::optional<Status> Caught(const RunningPlugin& running, Call call) {
  try {
    call();
    return std::nullopt;
  } catch (...) {
    return StatusOfThrown(running);
  }
}

// Returns what `call` returned, made in its place, or the error that stands for what it threw.
template <typename Result, typename Call>
Guarded<Result> Guard(const RunningPlugin& running, Call call) {
  try {
    return {call(), std::nullopt};
  } catch (...) {
    return {{}, StatusOfThrown(running)};
  }
}

}  // namespace heat_scheduler
