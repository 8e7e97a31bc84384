// The page /pending: the pods that wait, as JSON. docs/tools/heat-scheduler.md says what is in it.
#pragma once

#include "base/clock.h"
#include "live/page.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler {

// Pods of an answer: unless ?limit says otherwise, and at most.
inline constexpr std::size_t kPendingLimit = 500;
inline constexpr std::size_t kMaxPendingLimit = 10'000;

// Returns the page, which takes ?namespace, ?queue and ?limit; 400 for values that make no sense.
// Borrows both.
Page PendingPage(const Scheduler& scheduler, const Clock& clock);

}  // namespace heat_scheduler
