#include "plugins/defaults/scored_resources.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "scheduler/state/resources.h"

namespace heat_scheduler {

ScoredResource::ScoredResource(std::string_view its_name, std::int64_t its_weight)
    : name(its_name), weight(its_weight) {
  if (name == "cpu") kind = Kind::kCpu;
  if (name == "memory") kind = Kind::kMemory;
  if (name == "ephemeral-storage") kind = Kind::kEphemeralStorage;
}

std::vector<ScoredResource> DefaultScoredResources() { return {{"cpu", 1}, {"memory", 1}}; }

std::vector<ScoredResource> ReadScoredResources(ArgsReader& reader, std::string_view key) {
  std::vector<ScoredResource> resources;
  reader.ReadObjects(key, [&](ArgsReader& nested) {
    std::string name;
    std::int64_t weight = 1;
    nested.Read("name", name);
    nested.Read("weight", weight);
    resources.emplace_back(name, weight == 0 ? 1 : weight);
  });
  return resources.empty() ? DefaultScoredResources() : resources;
}

ResourceUses::ResourceUses(const Cycle& cycle, const std::vector<ScoredResource>& resources,
                           CountedAmounts counted)
    : columns_(cycle.cluster.columns()), counted_(counted) {
  const PodClass& pod_class = cycle.pod_class();
  const Resources& pod = counted == CountedAmounts::kScored ? pod_class.scored : pod_class.requests;
  for (const ScoredResource& resource : resources) {
    switch (resource.kind) {
      case Kind::kCpu:
        wanted_.push_back({resource.kind, 0, pod.milli_cpu, resource.weight});
        break;
      case Kind::kMemory:
        wanted_.push_back({resource.kind, 0, pod.memory, resource.weight});
        break;
      case Kind::kEphemeralStorage:
        wanted_.push_back({resource.kind, 0, pod.ephemeral_storage, resource.weight});
        break;
      case Kind::kScalar:
        if (const auto id = cycle.cluster.resource_names().Find(resource.name)) {
          const std::int64_t amount = AmountOf(pod.scalars, *id);
          if (amount != 0) wanted_.push_back({resource.kind, *id, amount, resource.weight});
        }
        break;
    }
  }
}

bool ResourceUses::empty() const {
  return std::all_of(wanted_.begin(), wanted_.end(),
                     [](const Wanted& wanted) { return wanted.amount == 0; });
}

absl::Span<const ResourceUse> ResourceUses::On(NodeId node) {
  const Resources& allocatable = columns_.allocatable[node];
  const Resources& requested = columns_.requested[node];
  const bool scored = counted_ == CountedAmounts::kScored;
  uses_.clear();
  for (const Wanted& wanted : wanted_) {
    std::int64_t has = 0;
    std::int64_t before = 0;
    switch (wanted.kind) {
      case Kind::kCpu:
        has = allocatable.milli_cpu;
        before = scored ? columns_.nonzero_milli_cpu[node] : requested.milli_cpu;
        break;
      case Kind::kMemory:
        has = allocatable.memory;
        before = scored ? columns_.nonzero_memory[node] : requested.memory;
        break;
      case Kind::kEphemeralStorage:
        has = allocatable.ephemeral_storage;
        before = requested.ephemeral_storage;
        break;
      case Kind::kScalar:
        has = AmountOf(allocatable.scalars, wanted.scalar);
        before = AmountOf(requested.scalars, wanted.scalar);
        break;
    }
    if (has == 0) continue;
    uses_.push_back({before, SaturatingAdd(before, wanted.amount), has, wanted.weight});
  }
  return uses_;
}

}  // namespace heat_scheduler
