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
  constexpr std::size_t kStride = sizeof(Resources) / sizeof(std::int64_t);
  static_assert(kStride * sizeof(std::int64_t) == sizeof(Resources));
  const bool scored = counted == CountedAmounts::kScored;
  const Resources& pod = scored ? cycle.pod_class().scored : cycle.pod_class().requests;
  const auto want = [&](std::int64_t Resources::*member, const std::vector<std::int64_t>* instead,
                        std::int64_t weight) {
    Wanted& wanted = wanted_.emplace_back();
    wanted.amount = pod.*member;
    wanted.weight = weight;
    if (columns_.allocatable.empty()) return;
    wanted.allocatable = {&(columns_.allocatable.front().*member), kStride};
    wanted.requested = {&(columns_.requested.front().*member), kStride};
    if (scored && instead != nullptr) wanted.requested = {instead->data(), 1};
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
          if (amount != 0) wanted_.push_back({{}, {}, *id, amount, resource.weight});
        }
        break;
    }
  }
  uses_.resize(wanted_.size());
}

void ResourceUses::AddScalar(NodeId node, const Wanted& wanted, ResourceUse*& use) const {
  const std::int64_t has = AmountOf(columns_.allocatable[node].scalars, wanted.scalar);
  if (has == 0) return;
  const std::int64_t before = AmountOf(columns_.requested[node].scalars, wanted.scalar);
  *use++ = {before, SaturatingAdd(before, wanted.amount), has, wanted.weight};
}

bool ResourceUses::empty() const {
  return std::all_of(wanted_.begin(), wanted_.end(),
                     [](const Wanted& wanted) { return wanted.amount == 0; });
}

}  // namespace heat_scheduler
