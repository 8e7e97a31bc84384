// What having an image is worth to a node, and how that becomes points.
//
// Pure functions. Source: pkg/scheduler/framework/plugins/imagelocality (v1.36).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "scheduler/state/cluster_state.h"
#include "scheduler/state/image_index.h"

namespace heat_scheduler {

// Returns the name with its tag, ":latest" if it has none. A colon before the last slash is a
// registry's port.
std::string WithTag(const std::string& image);

// Returns the size of an image that these nodes have times the share of nodes that they are.
std::int64_t WorthOf(const ImageIndex::Holders& holders, const ClusterState& cluster);

// Returns the points of a node where a pod's images are worth `sum` in all.
std::int64_t ImagePoints(std::int64_t sum, std::size_t containers);

}  // namespace heat_scheduler
