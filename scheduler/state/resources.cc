#include "scheduler/state/resources.h"

#include <algorithm>
#include <limits>

namespace heat_scheduler {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Returns true if scheduling counts the resource: extended resources, hugepages, attachable volumes
// and names of Kubernetes' own domain. Source: pkg/scheduler/util/utils.go (IsScalarResourceName).
bool IsScalar(std::string_view name) {
  if (name.starts_with("hugepages-") || name.starts_with("attachable-volumes-")) return true;
  return Contains(name, "kubernetes.io/") || IsExtendedResource(name);
}

// Applies `op` (one of the saturating sums) name by name; what becomes zero is dropped.
template <typename Op>
void Merge(ScalarResources& total, const ScalarResources& other, Op op) {
  for (const auto& [name, amount] : other) {
    auto at = std::lower_bound(total.begin(), total.end(), name,
                               [](const auto& entry, TextId id) { return entry.first < id; });
    if (at == total.end() || at->first != name) {
      if (amount != 0) total.insert(at, {name, op(0, amount)});
      continue;
    }
    at->second = op(at->second, amount);
    if (at->second == 0) total.erase(at);
  }
}

}  // namespace

// Source: pkg/apis/core/v1/helper/helpers.go (IsExtendedResourceName).
bool IsExtendedResource(std::string_view name) {
  return Contains(name, "/") && !Contains(name, "kubernetes.io/") && !name.starts_with("requests.");
}

Resources ToResources(const kube::ResourceList& list, Interner& names) {
  Resources resources;
  for (const auto& [name, quantity] : list) {
    if (name == "cpu") {
      resources.milli_cpu = quantity.MilliValue();
    } else if (name == "memory") {
      resources.memory = quantity.Value();
    } else if (name == "ephemeral-storage") {
      resources.ephemeral_storage = quantity.Value();
    } else if (IsScalar(name) && !quantity.is_zero()) {
      resources.scalars.emplace_back(names.Intern(name), quantity.Value());
    }
  }
  // A fraction of a unit below zero rounds up to nothing.
  std::erase_if(resources.scalars, [](const auto& entry) { return entry.second == 0; });
  std::sort(resources.scalars.begin(), resources.scalars.end());
  return resources;
}

std::int64_t AmountOf(const ScalarResources& scalars, TextId name) {
  auto at = std::lower_bound(scalars.begin(), scalars.end(), name,
                             [](const auto& entry, TextId id) { return entry.first < id; });
  return at != scalars.end() && at->first == name ? at->second : 0;
}

void AddTo(Resources& total, const Resources& other) {
  total.milli_cpu = SaturatingAdd(total.milli_cpu, other.milli_cpu);
  total.memory = SaturatingAdd(total.memory, other.memory);
  total.ephemeral_storage = SaturatingAdd(total.ephemeral_storage, other.ephemeral_storage);
  Merge(total.scalars, other.scalars, SaturatingAdd);
}

void SubtractFrom(Resources& total, const Resources& other) {
  total.milli_cpu = SaturatingSubtract(total.milli_cpu, other.milli_cpu);
  total.memory = SaturatingSubtract(total.memory, other.memory);
  total.ephemeral_storage = SaturatingSubtract(total.ephemeral_storage, other.ephemeral_storage);
  Merge(total.scalars, other.scalars, SaturatingSubtract);
}

bool IsSaturated(const Resources& resources) {
  const auto at_end = [](std::int64_t value) { return value == kMax || value == kMin; };
  return at_end(resources.milli_cpu) || at_end(resources.memory) ||
         at_end(resources.ephemeral_storage) ||
         std::any_of(resources.scalars.begin(), resources.scalars.end(),
                     [&](const auto& entry) { return at_end(entry.second); });
}

}  // namespace heat_scheduler
