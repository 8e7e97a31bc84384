// Synthetic nodes, for benchmarks and experiments.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "cluster/json.h"
#include "cluster/registry.h"

namespace heat_scheduler::cluster {

// Creates nodes number 0 to `count`, exclusive. InvalidArgument, naming the node, at the first that
// is refused.
absl::Status AddSyntheticNodes(Registry& registry, std::int64_t count);

// Returns node number `index` (from 0) of a cluster of ready nodes: named node-00000 and so on,
// each of 8 CPUs, 32 GiB and 110 pods; amd64 and arm64 by turns; ten zones by turns; annotated with
// a nerdalize/temp between 20 and 79 degrees Celsius. The same index gives the same node.
Json SyntheticNode(std::int64_t index);

}  // namespace heat_scheduler::cluster
