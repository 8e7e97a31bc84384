// Nodes and pods as a seed draws them: small, tight and of every sort that scheduling tells apart.
//
// Few distinct values, so that pods compete for the same room, labels, taints, ports and devices.
// All randomness is the caller's.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "base/random.h"

namespace heat_scheduler {

// The annotation that Heat reads by default.
inline constexpr char kTemperatureAnnotation[] = "nerdalize/temp";

// Priority classes that the pods name; they are to be created first.
struct DrawnPriority {
  const char* name;
  int value;
  const char* preemption_policy;
};
inline constexpr DrawnPriority kPriorityClasses[] = {{"low", 10, "PreemptLowerPriority"},
                                                     {"high", 1000, "PreemptLowerPriority"},
                                                     {"polite", 1000, "Never"}};

// The label that disruption budgets select pods by, and what it says.
inline constexpr char kTierLabel[] = "tier";
inline constexpr const char* kTiers[] = {"web", "db", "batch"};

// Returns a Node of that name with capacity, labels, perhaps taints, and a temperature or none.
nlohmann::json DrawNode(Random& random, const std::string& name);

// Returns what a node can have to give: status.allocatable.
nlohmann::json DrawAllocatable(Random& random);

// Returns taints for spec.taints: none, one or two, soft ones among them.
nlohmann::json DrawTaints(Random& random);

// Returns what a sensor may write: mostly a temperature, but also absurd numbers and no numbers.
std::string DrawTemperature(Random& random);

// Returns a Pod of that name for a scheduler, with requests, and perhaps gates, ports, node
// selector, affinity, tolerations, sidecars.
nlohmann::json DrawPod(Random& random, const std::string& name, const std::string& scheduler_name);

// Returns a PodDisruptionBudget of that name for the pods of a tier.
nlohmann::json DrawBudget(Random& random, const std::string& name);

// Returns a toleration for one of the taints above.
nlohmann::json DrawToleration(Random& random);

}  // namespace heat_scheduler
