// How NodeResourcesFit makes a score of what a node has of each resource: the three strategies of
// its arguments.
//
// Each gives every resource 0..100 by the share of it that is requested with the pod on the node;
// the score is the mean by weight, in integers. Pure functions.
// Source: pkg/scheduler/framework/plugins/noderesources (least_allocated.go, most_allocated.go,
// requested_to_capacity_ratio.go), helper/shape_score.go, v1.36.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "plugins/defaults/scored_resources.h"

namespace heat_scheduler {

enum class ScoringStrategyType { kLeastAllocated, kMostAllocated, kRequestedToCapacityRatio };

// A point of the function that RequestedToCapacityRatio follows.
struct ShapePoint {
  std::int32_t utilization = 0;  // Percent, 0..100.
  std::int32_t score = 0;        // 0..10.
};

struct ScoringStrategy {
  ScoringStrategyType type = ScoringStrategyType::kLeastAllocated;
  std::vector<ScoredResource> resources = DefaultScoredResources();
  // Of kRequestedToCapacityRatio: not empty, by ascending utilization.
  std::vector<ShapePoint> shape = {};
};

// Returns the share of a resource that is left, 0..100, rounded down; 0 where more is requested
// than there is, or `capacity` is 0.
std::int64_t LeastRequestedScore(std::int64_t requested, std::int64_t capacity);

// Returns the share of a resource that is requested, 0..100, rounded down; 100 where more is
// requested than there is, and 0 where `capacity` is 0.
std::int64_t MostRequestedScore(std::int64_t requested, std::int64_t capacity);

// Returns ten times the value, at `utilization` percent, of the function of straight lines through
// the points; before the first point and after the last it is level.
std::int64_t ShapeScore(const std::vector<ShapePoint>& shape, std::int64_t utilization);

// Returns the score of one node. A node that has none of the resources has 0. With
// RequestedToCapacityRatio a resource whose own score is 0 is left out of the mean, and the mean is
// rounded to the nearest, otherwise down.
std::int64_t StrategyScore(const ScoringStrategy& strategy, absl::Span<const ResourceUse> uses);

}  // namespace heat_scheduler
