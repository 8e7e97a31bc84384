// For a pod that fits nowhere: what of its own wishes would have to go for it to fit somewhere.
//
// Found by filtering again, what-if, with one wish relaxed: less of one resource (the least that is
// missing on any node), a toleration of what keeps it off some nodes, without one entry of its node
// selector, its required node affinity, a term of pod affinity or anti-affinity, a topology spread
// constraint, a host port or a claim. Only if nothing helps by itself are two relaxed at a time.
// What pods of others hold, and what nodes are, is taken as it is. Changes nothing; costs at most
// kMostLooks runs of the filters on all nodes. Pure but for the plugins.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "scheduler/framework/cycle.h"
#include "scheduler/framework/profile.h"

namespace heat_scheduler {

inline constexpr std::size_t kMostLooks = 100;

struct WayOut {
  // What would change, a document each: "kind" and what it is about (docs/decision-record.md).
  std::vector<nlohmann::ordered_json> changes;
  std::vector<std::string> nodes;  // Those that would be open, in node order; not empty.
  std::string text;                // "500m less cpu would fit on 3 nodes".
};

struct WaysOut {
  // Resources first, then in the order of the list above; of two wishes in the order of the first.
  std::vector<WayOut> ways;
  bool complete = true;  // False: kMostLooks were not enough to try everything.
};

// Returns the ways out of a pod that fits nowhere. The cycle's data is left alone.
WaysOut FindWaysOut(const Profile& profile, const Cycle& cycle);

}  // namespace heat_scheduler
