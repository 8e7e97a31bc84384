// Incremental: the decisions of FullScan, without looking at every node each time.
//
// For each class of pods, with equal traits, it keeps what the profile's plugins said of the nodes,
// evaluates the rows that have changed since, and chooses among groups of nodes (class_cache.h).
// Caches are kept within a budget of memory; the one that was used least recently goes first. What
// this does not pay for is left to FullScan wholly: a record is wanted, the pod names a node or has
// disks of its own, PreFilter refuses it, filters refuse it everywhere that look at claims,
// somebody is nominated whom a filter that counts pods beyond a node would have to count, only a
// part of the nodes is to be looked at, or a plugin's answers hold for one decision only
// (profile_plan.h). Of a chosen pod's diagnosis only node_count is set. Profiles outlive this, and
// so does a cluster state, of which there is one. Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "scheduler/core/class_cache.h"
#include "scheduler/core/full_scan.h"
#include "scheduler/core/node_order.h"
#include "scheduler/core/profile_plan.h"
#include "scheduler/core/selection.h"

namespace heat_scheduler {

class Incremental final : public Selector {
 public:
  static constexpr std::size_t kDefaultBudget = std::size_t{256} << 20;

  // `budget`: bytes that caches may take, beside the one in use.
  Incremental(TieRule tie_rule, std::uint64_t seed, std::size_t budget = kDefaultBudget)
      : full_scan_(tie_rule, seed), tie_rule_(tie_rule), seed_(seed), budget_(budget) {}

  void SelectInto(Selection& selection, const Profile& profile, const Cycle& cycle,
                  std::uint64_t decision_number, DecisionRecord* record) override;
  std::size_t search_start() const override { return full_scan_.search_start(); }

  // How decisions were made.
  struct Counts {
    std::uint64_t in_full = 0;      // By FullScan.
    std::uint64_t from_caches = 0;  // Among them ...
    std::uint64_t nowhere = 0;      // ... those on pods that fit nowhere,
    std::uint64_t nominated = 0;    // on pods with a nominated node,
    std::uint64_t with_claims = 0;  // on pods with claims,
    std::uint64_t with_rivals = 0;  // and while any pod was nominated somewhere.
  };
  const Counts& counts() const { return counts_; }
  std::size_t cache_count() const { return caches_.size(); }
  std::size_t cache_bytes() const { return bytes_; }

 private:
  struct Key {
    const Profile* profile;
    std::uint64_t pod_class;
    std::string traits;  // As far as selectors ask about them.
    // While anybody is nominated: who has to leave room for whom follows from it.
    std::optional<std::int32_t> priority;

    friend bool operator==(const Key&, const Key&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const Key& key) {
      return H::combine(std::move(h), key.profile, key.pod_class, key.traits, key.priority);
    }
  };
  using Caches = absl::flat_hash_map<Key, std::unique_ptr<ClassCache>>;
  // What tells pods of different keys apart, and often more, but is at hand.
  using Kind = std::tuple<const Profile*, std::uint64_t, PodTraitsId, std::optional<std::int32_t>>;

  bool SelectFromCache(const Profile& profile, const Cycle& cycle, std::uint64_t decision_number,
                       Selection& selection);
  bool ChooseFrom(ClassCache& cache, const Cycle& cycle, std::uint64_t decision_number,
                  Selection& selection);
  ClassCache* CacheFor(const Profile& profile, const Cycle& cycle);
  void SetKey(const Profile& profile, const Cycle& cycle);
  void ForgetKinds();
  static std::optional<std::int32_t> PriorityThatCounts(const Cycle& cycle);
  void CountCached(const Cycle& cycle, const Selection& selection);
  void Drop(Caches::iterator cache);
  void KeepWithinBudget(const ClassCache& in_use);

  FullScan full_scan_;
  const TieRule tie_rule_;
  const std::uint64_t seed_;
  const std::size_t budget_;
  NodeOrder order_;
  ClassWork work_;
  std::map<const Profile*, ProfilePlan> plans_;
  Caches caches_;
  absl::flat_hash_map<Kind, ClassCache*> known_;  // Of caches_, those that were found of late.
  std::pair<Kind, ClassCache*> latest_;           // The last of them; null: none.
  std::uint64_t selectors_ = 0;                   // selectors_version() of the keys of caches.
  Key key_;                                       // Of the pod at hand.
  std::size_t bytes_ = 0;                         // Of all caches.
  std::uint64_t uses_ = 0;
  Counts counts_;
};

}  // namespace heat_scheduler
