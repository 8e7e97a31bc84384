#include "plugins/defaults/scored_resources.h"

#include <algorithm>
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
    : columns_(cycle.cluster.columns()) {
  using Kind = ScoredResource::Kind;
  const bool scored = counted == CountedAmounts::kScored;
  const PodClass& pod_class = cycle.pod_class();
  const Resources& pod = scored ? pod_class.scored : pod_class.requests;
  const auto want = [&](std::int64_t Resources::*member, const std::vector<std::int64_t>* nonzero,
                        std::int64_t weight) {
    const std::int64_t* requested = scored && nonzero != nullptr ? nonzero->data() : nullptr;
    wanted_.push_back({member, requested, 0, pod.*member, weight});
  };
  for (const ScoredResource& resource : resources) {
    switch (resource.kind) {
      case Kind::kCpu:
        want(&Resources::milli_cpu, &columns_.nonzero_milli_cpu, resource.weight);
        break;
      case Kind::kMemory:
        want(&Resources::memory, &columns_.nonzero_memory, resource.weight);
        break;
      case Kind::kEphemeralStorage:
        want(&Resources::ephemeral_storage, nullptr, resource.weight);
        break;
      case Kind::kScalar:
        if (const auto id = cycle.cluster.resource_names().Find(resource.name)) {
          const std::int64_t amount = AmountOf(pod.scalars, *id);
          if (amount != 0) wanted_.push_back({nullptr, nullptr, *id, amount, resource.weight});
        }
        break;
    }
  }
  uses_.resize(wanted_.size());
}

bool ResourceUses::empty() const {
  return std::all_of(wanted_.begin(), wanted_.end(),
                     [](const Wanted& wanted) { return wanted.amount == 0; });
}

absl::Span<const ResourceUse> ResourceUses::On(NodeId node) {
  const Resources& allocatable = columns_.allocatable[node];
  const Resources& requested = columns_.requested[node];
  ResourceUse* const uses = uses_.data();
  std::size_t count = 0;
  for (const Wanted& wanted : wanted_) {
    const bool is_scalar = wanted.member == nullptr;
    const std::int64_t has =
        is_scalar ? AmountOf(allocatable.scalars, wanted.scalar) : allocatable.*wanted.member;
    if (has == 0) continue;
    const std::int64_t before = wanted.requested != nullptr ? wanted.requested[node]
                                : is_scalar ? AmountOf(requested.scalars, wanted.scalar)
                                            : requested.*wanted.member;
    uses[count++] = {before, SaturatingAdd(before, wanted.amount), has, wanted.weight};
  }
  return {uses, count};
}

}  // namespace heat_scheduler
