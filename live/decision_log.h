// What was decided and why, one line of the log for each attempt.
//
//   "Decided" pod="default/web" node="board-1" feasible=3 nodes=5 attempt=1 why="Heat: coolest ..."
//   ... best="board-1 board-4" behind that in a dry run: all nodes that were equally good
//   "Given up after the choice" pod="default/db" node="board-1" at="PreBind" err="..."
//   "Fits nowhere" pod="default/big" nodes=5 attempt=2 err="0/5 nodes are available: ..."
#pragma once

#include <cstddef>

#include "absl/time/time.h"
#include "scheduler/core/scheduler.h"

namespace heat_scheduler {

// Logs the attempt; `node_count` is the number of nodes that there are.
void LogDecision(const Attempt& attempt, std::size_t node_count);

// Logs an attempt that came to nothing after its node had been chosen.
void LogAborted(const AbortedEffect& aborted);

// What is too long for one decision: 5,000 nodes looked at afresh take a hundredth of it.
inline constexpr absl::Duration kSlowDecision = absl::Seconds(1);

// Warns of an attempt that took so long, or longer.
void LogSlowDecision(const Attempt& attempt, absl::Duration took);

}  // namespace heat_scheduler
