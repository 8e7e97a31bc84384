// The names of a Policy v1: predicates, priorities, and what each has become.
//
// Pure functions. Source: pkg/scheduler/framework/plugins/legacy_registry.go, v1.22; for names of
// before, the registries of v1.6 to v1.17.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace heat_scheduler {

// A predicate and the plugins that filter as it did.
struct LegacyPredicate {
  std::string_view name;
  std::vector<std::string_view> plugins;
  bool is_default = false;    // Part of a policy without predicates.
  bool is_mandatory = false;  // Part of every policy.
};

// A priority and the plugin that scores as it did.
struct LegacyPriority {
  std::string_view name;
  std::string_view plugin;
  std::int32_t default_weight = 0;     // In a policy without priorities; 0: it is not part of it.
  std::string_view fit_strategy = {};  // Of NodeResourcesFit.
};

// A name of before, or one without an effect of its own.
struct LegacyAlias {
  std::string_view name;
  std::string_view stands_for;  // Empty: nothing.
  std::string_view warning;     // What is said of it; empty: nothing.
};

// In the order in which predicates ran.
const std::vector<LegacyPredicate>& LegacyPredicates();
// In the order of their names: of two for one plugin, the first has its weight.
absl::Span<const LegacyPriority> LegacyPriorities();

// Return what has that name, or null.
const LegacyPredicate* FindLegacyPredicate(std::string_view name);
const LegacyPriority* FindLegacyPriority(std::string_view name);
const LegacyAlias* FindPredicateAlias(std::string_view name);
const LegacyAlias* FindPriorityAlias(std::string_view name);

}  // namespace heat_scheduler
