#include "plugins/defaults/scored_resources.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "scheduler/state/resources.h"

namespace heat_scheduler {

std::vector<ScoredResource> DefaultScoredResources() { return {{"cpu", 1}, {"memory", 1}}; }

std::vector<ScoredResource> ReadScoredResources(ArgsReader& reader, std::string_view key) {
  std::vector<ScoredResource> resources;
  reader.ReadObjects(key, [&](ArgsReader& nested) {
    ScoredResource& resource = resources.emplace_back();
    nested.Read("name", resource.name);
    nested.Read("weight", resource.weight);
    if (resource.weight == 0) resource.weight = 1;
  });
  return resources.empty() ? DefaultScoredResources() : resources;
}

ResourceUses::ResourceUses(const Cycle& cycle, const std::vector<ScoredResource>& resources,
                           CountedAmounts counted)
    : columns_(cycle.cluster.columns()), counted_(counted) {
  const PodClass& pod_class = cycle.pod_class();
  const Resources& pod = counted == CountedAmounts::kScored ? pod_class.scored : pod_class.requests;
  for (const ScoredResource& resource : resources) {
    if (resource.name == "cpu") {
      wanted_.push_back({Kind::kCpu, 0, pod.milli_cpu, resource.weight});
    } else if (resource.name == "memory") {
      wanted_.push_back({Kind::kMemory, 0, pod.memory, resource.weight});
    } else if (resource.name == "ephemeral-storage") {
      wanted_.push_back({Kind::kEphemeralStorage, 0, pod.ephemeral_storage, resource.weight});
    } else if (const auto id = cycle.cluster.resource_names().Find(resource.name)) {
      const std::int64_t amount = AmountOf(pod.scalars, *id);
      if (amount != 0) wanted_.push_back({Kind::kScalar, *id, amount, resource.weight});
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
