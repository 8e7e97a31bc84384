#include "scheduler/core/incremental.h"

#include <algorithm>
#include <utility>

#include "base/random.h"

namespace heat_scheduler {
namespace {

// How many kinds of pods are remembered.
constexpr std::size_t kKinds = std::size_t{1} << 16;

// Returns true if the pod is treated like all of its class with its traits: what is its own alone
// plays no part.
bool IsLikeItsClass(const PodRecord& pod) {
  const PodFacts& facts = pod.facts;
  return pod.traits != 0 && facts.node_name.empty() && !facts.has_resource_claims &&
         !facts.in_pod_group && pod.pod_class->disks.empty() &&
         std::all_of(facts.node_affinity_fields.begin(), facts.node_affinity_fields.end(),
                     [](const auto& fields) { return fields.empty(); });
}

}  // namespace

void Incremental::SelectInto(Selection& selection, const Profile& profile, const Cycle& cycle,
                             std::uint64_t decision_number, DecisionRecord* record) {
  if (record == nullptr && !cycle.cluster.nodes().empty() && IsLikeItsClass(cycle.pod)) {
    if (SelectFromCache(profile, cycle, decision_number, selection)) {
      CountCached(cycle, selection);
      return;
    }
    cycle.state = {};
    selection = {};
  }
  ++counts_.in_full;
  full_scan_.SelectInto(selection, profile, cycle, decision_number, record);
}

bool Incremental::SelectFromCache(const Profile& profile, const Cycle& cycle,
                                  std::uint64_t decision_number, Selection& selection) {
  order_.Update(cycle.cluster);
  ClassCache* const cache = CacheFor(profile, cycle);
  if (cache == nullptr) return false;
  cache->last_used = ++uses_;
  const std::size_t bytes_before = cache->bytes();
  bool updated = false;
  try {
    updated = cache->Update(cycle);
  } catch (...) {
    // FullScan meets the same, and says whose it is.
  }
  bytes_ += cache->bytes() - bytes_before;
  if (!updated) {
    SetKey(profile, cycle);
    Drop(caches_.find(key_));
    return false;
  }
  if (bytes_ > budget_) KeepWithinBudget(*cache);
  return ChooseFrom(*cache, cycle, decision_number, selection);
}

// Returns the cache for the pod at hand, or null if there is to be none.
ClassCache* Incremental::CacheFor(const Profile& profile, const Cycle& cycle) {
  if (selectors_ != cycle.cluster.selectors_version()) {
    // Pods that were alike may not be so any more.
    selectors_ = cycle.cluster.selectors_version();
    caches_.clear();
    ForgetKinds();
    bytes_ = 0;
  }
  const Kind kind(&profile, cycle.pod_class().serial, cycle.pod.traits, PriorityThatCounts(cycle));
  if (latest_.second != nullptr && latest_.first == kind) return latest_.second;
  if (const auto known = known_.find(kind); known != known_.end()) {
    latest_ = *known;
    return known->second;
  }

  auto plan = plans_.find(&profile);
  if (plan == plans_.end()) plan = plans_.emplace(&profile, PlanOf(profile)).first;
  if (!plan->second.possible) return nullptr;
  SetKey(profile, cycle);
  auto cache = caches_.find(key_);
  if (cache == caches_.end()) {
    cache = caches_.emplace(key_, std::make_unique<ClassCache>(plan->second, order_, work_, cycle))
                .first;
  }
  if (known_.size() >= kKinds) ForgetKinds();
  latest_ = {kind, cache->second.get()};
  known_.insert(latest_);
  return cache->second.get();
}

void Incremental::ForgetKinds() {
  known_.clear();
  latest_.second = nullptr;
}

void Incremental::SetKey(const Profile& profile, const Cycle& cycle) {
  key_.profile = &profile;
  key_.pod_class = cycle.pod_class().serial;
  cycle.cluster.WriteSelectedTraits(*cycle.pod.pod, key_.traits);
  key_.priority = PriorityThatCounts(cycle);
}

std::optional<std::int32_t> Incremental::PriorityThatCounts(const Cycle& cycle) {
  if (cycle.cluster.nomination_count() == 0) return std::nullopt;
  return cycle.facts().priority;
}

bool Incremental::ChooseFrom(ClassCache& cache, const Cycle& cycle, std::uint64_t decision_number,
                             Selection& selection) {
  const std::size_t from =
      tie_rule_ == TieRule::kRotate ? Mix(seed_, decision_number) % order_.size() : 0;
  try {
    return cache.Choose(cycle, from, selection);
  } catch (...) {
    return false;
  }
}

void Incremental::CountCached(const Cycle& cycle, const Selection& selection) {
  ++counts_.from_caches;
  if (selection.result != Selection::Result::kChosen) ++counts_.nowhere;
  if (!cycle.pod.nominated_node_name.empty()) ++counts_.nominated;
  if (!cycle.facts().claims.empty()) ++counts_.with_claims;
  if (cycle.cluster.nomination_count() > 0) ++counts_.with_rivals;
}

void Incremental::Drop(Caches::iterator cache) {
  bytes_ -= cache->second->bytes();
  caches_.erase(cache);
  ForgetKinds();
}

void Incremental::KeepWithinBudget(const ClassCache& in_use) {
  while (bytes_ > budget_ && caches_.size() > 1) {
    auto oldest = caches_.end();
    for (auto cache = caches_.begin(); cache != caches_.end(); ++cache) {
      if (cache->second.get() == &in_use) continue;
      if (oldest == caches_.end() || cache->second->last_used < oldest->second->last_used) {
        oldest = cache;
      }
    }
    Drop(oldest);
  }
}

}  // namespace heat_scheduler
