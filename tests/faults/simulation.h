// The fault simulation: the live driver against the embedded API server, in one process and under
// virtual time, everything drawn from one seed.
//
//   Workload, Bystanders -> ApiServer <- FaultyApi <- SimTransport <- Wire <- Instance (LiveDriver)
//                               '-> writes -> InvariantChecker <- decisions, queues
//   StorageWorkload, VolumeController <-'  '-> StorageChecker  (with SimulationOptions::storage)
//
// A run has two parts. First the workload changes things while faults strike: requests, watches,
// the server and the scheduler itself fail. Then all faults end and the workload rests, and the
// run has to come to its end state within `settle_within`. The guarantees are checked at each write
// and each decision, the queues twice a second. Equal seeds give equal runs, byte for byte.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/faults/faults.h"
#include "tests/faults/invariants.h"

namespace heat_scheduler {

struct SimulationOptions {
  std::uint64_t seed = 1;
  // Pods with claims, volumes, and those who bind and make them.
  bool storage = false;
  // From the end of the faults to the end state: a half-open watch is noticed after 2 minutes, a
  // reflector's back-off lasts up to 60 s, a late bind comes after 61 s, a pod's back-off 11 s.
  absl::Duration settle_within = absl::Minutes(4);
};

struct SimulationResult {
  std::uint64_t seed = 0;
  std::vector<Violation> violations;  // The first one ends the run.
  std::vector<std::string> trace;     // A line each for writes, decisions and the larger faults.
  FaultCounts faults = {};
  std::uint64_t steps = 0;        // Callbacks of the loop.
  std::uint64_t decisions = 0;    // With a node.
  std::uint64_t refusals = 0;     // Without.
  std::uint64_t binds = 0;        // Ours, accepted.
  std::uint64_t claim_binds = 0;  // Of pods with claims.
  std::uint64_t preemptions = 0;  // Refusals for which others have to leave.
  std::uint64_t evictions = 0;    // Deletions of ours, accepted.
  int instances = 1;              // Starts of the scheduler.

  // Returns seed, step, what is wrong, and the last lines of the trace, for a person.
  std::string Report() const;
};

// Runs one seed.
SimulationResult RunSimulation(const SimulationOptions& options);

}  // namespace heat_scheduler
