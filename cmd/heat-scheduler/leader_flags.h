// The flags --leader-elect*, as kube-scheduler has them, and the identity that goes with them.
#pragma once

#include <string>

#include "absl/status/status.h"

#include "policy/leader_election_options.h"

namespace CLI {
class App;
}  // namespace CLI

namespace heat_scheduler {

// Adds the flags, which set `options` and show its values as their defaults. Values that don't go
// together end the parse as wrong ones do, unless there is a --config to put them over.
void AddLeaderFlags(CLI::App& app, LeaderElectionOptions& options);

// Puts the flags that were given over the options of a configuration. Returns InvalidArgument, with
// all that is wrong, if the two don't go together.
absl::Status ApplyLeaderFlags(const CLI::App& app, const LeaderElectionOptions& flags,
                              LeaderElectionOptions& options);

// Returns "<hostname>_<uuid>" with a version 4 UUID of the machine's random source, so that two
// processes of one host are never taken for one another.
std::string MakeLeaderIdentity(const std::string& hostname);

}  // namespace heat_scheduler
