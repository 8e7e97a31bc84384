// Amounts of resources in the integers that scheduling computes with.
//
// cpu is in thousandths, everything else in units (bytes, devices), each rounded up as
// kube-scheduler does. `pods` is not a resource here: it is counted apart. Source:
// pkg/scheduler/framework/types.go (Resource), v1.36.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/quantity.h"
#include "scheduler/state/interner.h"

namespace heat_scheduler {

// Extended resources, hugepages and the like: name (interned) to amount, sorted by number, no
// zeros.
using ScalarResources = std::vector<std::pair<TextId, std::int64_t>>;

struct Resources {
  std::int64_t milli_cpu = 0;
  std::int64_t memory = 0;             // Bytes.
  std::int64_t ephemeral_storage = 0;  // Bytes.
  ScalarResources scalars;

  friend bool operator==(const Resources&, const Resources&) = default;
};

// Returns the amounts of a list; names are interned. `pods` is left out, and so is what scheduling
// does not count (a name without a domain that is not Kubernetes' own, such as "storage"). Amounts
// saturate at int64.
Resources ToResources(const kube::ResourceList& list, Interner& names);

// Returns true if the name is an extended resource's: it has a domain, and not Kubernetes' own.
bool IsExtendedResource(std::string_view name);

// Returns the amount of one scalar, 0 where it is absent.
std::int64_t AmountOf(const ScalarResources& scalars, TextId name);

// Return a + b and a - b, held at the ends of int64.
inline std::int64_t SaturatingAdd(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}
inline std::int64_t SaturatingSubtract(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b < 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

// Returns true if an amount is at an end of int64, so that subtracting does not undo adding.
bool IsSaturated(const Resources& resources);

// Adds (or subtracts) `other` to `total`, saturating.
void AddTo(Resources& total, const Resources& other);
void SubtractFrom(Resources& total, const Resources& other);

}  // namespace heat_scheduler
